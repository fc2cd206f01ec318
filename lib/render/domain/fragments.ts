import type { XmlFragment } from '../../model';
import { elementsOf, find, parseXml, removeChild, type XmlElement } from '../xml';

/**
 * Adds what is missing. libvirt adds details to what it stores, so an element counts as present if it has everything in
 * the fragment.
 */
export function addFragments(domain: XmlElement, fragments: readonly XmlFragment[] = []): XmlElement {
  for (const one of missingFragments(domain, fragments)) {
    const parent = namesOf(one).reduce(child, domain);
    parent.children.push(parseXml(one.fragment));
  }
  return domain;
}

/** Removes one element for each fragment, but none of the `kept`. */
export function dropFragments(
  domain: XmlElement,
  fragments: readonly XmlFragment[],
  kept: readonly XmlElement[] = [],
): void {
  for (const one of fragments) {
    const [parent, found] = lookUp(domain, one, kept);
    if (parent && found) removeChild(parent, found);
  }
}

/** The fragments that no element matches; the `ignored` do not count. */
export function missingFragments(
  domain: XmlElement,
  fragments: readonly XmlFragment[] = [],
  ignored: readonly XmlElement[] = [],
): XmlFragment[] {
  return fragments.filter((one) => lookUp(domain, one, ignored)[1] === undefined);
}

export function sameFragment(a: XmlFragment, b: XmlFragment): boolean {
  return a.fragment === b.fragment && (a.parent ?? 'devices') === (b.parent ?? 'devices');
}

function lookUp(
  domain: XmlElement,
  one: XmlFragment,
  ignored: readonly XmlElement[],
): [parent?: XmlElement, found?: XmlElement] {
  const wanted = parseXml(one.fragment);
  const path = namesOf(one).join('/');
  const parent = path === '' ? domain : find(domain, path);
  return [parent, parent && elementsOf(parent).find((found) => !ignored.includes(found) && covers(found, wanted))];
}

/** 'domain' is the root itself. */
function namesOf({ parent = 'devices' }: XmlFragment): string[] {
  return parent === 'domain' ? [] : parent.split('/');
}

function child(parent: XmlElement, name: string): XmlElement {
  const found = find(parent, name);
  if (found) return found;
  const made: XmlElement = { name, attributes: {}, children: [] };
  parent.children.push(made);
  return made;
}

function covers(found: XmlElement, wanted: XmlElement): boolean {
  const namespaced = (name: string): boolean => name === 'xmlns' || name.startsWith('xmlns:');
  const attributes = Object.entries(wanted.attributes).filter(([name]) => !namespaced(name));
  return (
    found.name === wanted.name &&
    attributes.every(([name, value]) => found.attributes[name] === value) &&
    elementsOf(wanted).every((one) => elementsOf(found).some((other) => covers(other, one))) &&
    (textOf(wanted) === '' || textOf(found) === textOf(wanted))
  );
}

function textOf({ children }: XmlElement): string {
  return children
    .filter((one) => typeof one === 'string')
    .join('')
    .trim();
}
