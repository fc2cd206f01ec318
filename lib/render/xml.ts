import { readXml, writeXml, type XmlElement, type XmlNode } from './xml-text';

export type { XmlElement, XmlNode } from './xml-text';

interface Attributes {
  readonly [name: string]: string | number | undefined;
}

/** A new element; undefined attributes and children are omitted. All text is data: none of it becomes markup. */
export function element(name: string, attributes: Attributes = {}, ...children: (XmlNode | undefined)[]): XmlElement {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    name,
    attributes: Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
    children: children.filter((child) => child !== undefined),
  };
}

/**
 * The tree as indented text that ends with a newline; elements with text stay on one line, byte for byte. Throws a
 * RangeError for a character that XML cannot contain.
 */
export function renderXml(root: XmlElement): string {
  return `${writeXml(indented(root, '\n'))}\n`;
}

/** The root of a text. Blank text between elements, comments and declarations are not kept; everything else is. */
export function parseXml(text: string): XmlElement {
  return withoutBlanks(readXml(text));
}

/** All elements at a path below `root`: "devices/disk". */
export function findAll(root: XmlElement, path: string): XmlElement[] {
  let found = [root];
  for (const name of path.split('/')) {
    const below: XmlElement[] = [];
    for (const { children } of found)
      for (const child of children) if (typeof child !== 'string' && child.name === name) below.push(child);
    found = below;
  }
  return found;
}

/** The first element at a path. */
export function find(root: XmlElement, path: string): XmlElement | undefined {
  return findAll(root, path)[0];
}

/** An attribute of the first element at a path. */
export function attributeAt(root: XmlElement, path: string, name: string): string | undefined {
  return find(root, path)?.attributes[name];
}

/** The text of the first element at a path; undefined if there is no such element. */
export function textAt(root: XmlElement, path: string): string | undefined {
  return find(root, path)
    ?.children.filter((child) => typeof child === 'string')
    .join('');
}

/** The elements directly below. */
export function elementsOf(parent: XmlElement): XmlElement[] {
  return parent.children.filter((child) => typeof child !== 'string');
}

/** Removes this very element from its parent. */
export function removeChild(parent: XmlElement, child: XmlElement): void {
  parent.children = parent.children.filter((one) => one !== child);
}

/**
 * Puts an element in the place of all that have that name below `parent`, at the end where there is none; undefined
 * takes them out.
 */
export function replaceChildren(parent: XmlElement, name: string, by: XmlElement | undefined): void {
  const olds = findAll(parent, name);
  const at = parent.children.findIndex((child) => child === olds[0]);
  if (by && at >= 0) parent.children[at] = by;
  else if (by) parent.children.push(by);
  for (const old of by ? olds.slice(1) : olds) removeChild(parent, old);
}

/** The first element of that name below `parent`, which is added if there is none. */
export function childOf(parent: XmlElement, name: string): XmlElement {
  const found = find(parent, name);
  if (found) return found;
  const made = element(name);
  parent.children.push(made);
  return made;
}

function withoutBlanks({ name, attributes, children }: XmlElement): XmlElement {
  // An element without child elements keeps all its text, joined: there may be a CDATA section in the middle.
  const text = children.every((child) => typeof child === 'string') ? children.join('') : undefined;
  if (text !== undefined) return { name, attributes, children: text === '' ? [] : [text] };
  const kept = children.filter((child) => typeof child !== 'string' || child.trim() !== '');
  return { name, attributes, children: kept.map((one) => (typeof one === 'string' ? one : withoutBlanks(one))) };
}

function indented({ name, attributes, children }: XmlElement, indent: string): XmlElement {
  const inner = `${indent}  `;
  const below = children.map((child) => (typeof child === 'string' ? child : indented(child, inner)));
  const onlyElements = children.length > 0 && children.every((child) => typeof child !== 'string');
  return { name, attributes, children: onlyElements ? [...below.flatMap((child) => [inner, child]), indent] : below };
}
