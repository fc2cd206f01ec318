import { create } from 'xmlbuilder2';
import type { XMLBuilder } from 'xmlbuilder2/lib/interfaces';

/** An element as plain data, free to be edited. `name` has its prefix, "qemu:arg"; `attributes` has the `xmlns:...` too. */
export interface XmlElement {
  name: string;
  attributes: { [name: string]: string };
  children: XmlNode[];
}
export type XmlNode = XmlElement | string;

interface Attributes {
  readonly [name: string]: string | number | undefined;
}

/** A new element; attributes and children that are undefined are left out. All text is data: none of it becomes markup. */
export function element(name: string, attributes: Attributes = {}, ...children: (XmlNode | undefined)[]): XmlElement {
  const given = Object.entries(attributes).filter(([, value]) => value !== undefined);
  return {
    name,
    attributes: Object.fromEntries(given.map(([key, value]) => [key, String(value)])),
    children: children.filter((child) => child !== undefined),
  };
}

/**
 * The tree as indented text that ends with a newline; elements that hold text stay on one line, byte for byte.
 * Throws a RangeError where XML has no way to carry a character.
 */
export function renderXml(root: XmlElement): string {
  const document = create();
  append(document, root, '\n');
  return `${document.end({ headless: true }).replaceAll(REFERENCE, '&#').replaceAll(AMPERSAND, '&amp;')}\n`;
}

/** The root of a text. Blank text between elements, comments and declarations are not kept; everything else is. */
export function parseXml(text: string): XmlElement {
  if (!text.trimStart().startsWith('<')) throw new RangeError(`this is not XML: ${JSON.stringify(text.slice(0, 60))}`);
  return fromNode(create({ skipWhitespaceOnlyText: false }, text).root().node as unknown as DomNode);
}

/** All elements at a path below `root`: "devices/disk". */
export function findAll(root: XmlElement, path: string): XmlElement[] {
  return path
    .split('/')
    .reduce<XmlElement[]>(
      (found, name) => found.flatMap((one) => elementsOf(one).filter((e) => e.name === name)),
      [root],
    );
}

/** The first element at a path. */
export function find(root: XmlElement, path: string): XmlElement | undefined {
  return findAll(root, path)[0];
}

/** An attribute of the first element at a path. */
export function attributeAt(root: XmlElement, path: string, name: string): string | undefined {
  return find(root, path)?.attributes[name];
}

/** The text of the first element at a path; undefined where there is no such element. */
export function textAt(root: XmlElement, path: string): string | undefined {
  return find(root, path)
    ?.children.filter((child) => typeof child === 'string')
    .join('');
}

/** The elements directly below. */
export function elementsOf(parent: XmlElement): XmlElement[] {
  return parent.children.filter((child) => typeof child !== 'string');
}

/** Takes this very element out of its parent. */
export function removeChild(parent: XmlElement, child: XmlElement): void {
  parent.children = parent.children.filter((one) => one !== child);
}

interface DomNode {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly childNodes: Iterable<DomNode>;
  readonly attributes: Iterable<{ readonly name: string; readonly value: string }>;
}
const ELEMENT = 1;
const TEXT = 3;
const CDATA = 4;

function fromNode(node: DomNode): XmlElement {
  const nodes = [...node.childNodes];
  const leaf = !nodes.some((child) => child.nodeType === ELEMENT);
  const children = nodes.flatMap((child): XmlNode[] => {
    if (child.nodeType === ELEMENT) return [fromNode(child)];
    const value = child.nodeType === TEXT || child.nodeType === CDATA ? (child.nodeValue ?? '') : '';
    return leaf ? (value === '' ? [] : [value]) : value.trim() === '' ? [] : [value];
  });
  const attributes = Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]));
  return { name: node.nodeName, attributes, children };
}

function append(parent: XMLBuilder, { name, attributes, children }: XmlElement, indent: string): void {
  const node = parent.ele(name);
  for (const [key, value] of Object.entries(attributes)) node.att(key, escaped(value, /[\t\n\r]/g));
  const inner = `${indent}  `;
  const indented = children.length > 0 && children.every((child) => typeof child !== 'string');
  for (const child of children) {
    if (indented) node.txt(inner);
    if (typeof child === 'string') node.txt(escaped(child, /\r/g));
    else append(node, child, inner);
  }
  if (indented) node.txt(indent);
}

/** Stands for the start of a character reference, as xmlbuilder2 writes none; XML itself can't carry it, so no text has it. */
const REFERENCE = '\uffff';
/** Stands for an ampersand, as xmlbuilder2 (4.0.3) takes one that starts what looks like a reference for a reference. */
const AMPERSAND = '\ufffe';

/** Parsers turn a bare newline in an attribute into a space, and a carriage return into a newline. */
function escaped(text: string, unsafe: RegExp): string {
  if (!text.isWellFormed() || /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text)) {
    throw new RangeError(`XML has no way to carry a character of ${JSON.stringify(text)}`);
  }
  const kept = text.replaceAll('&', AMPERSAND);
  return kept.replace(unsafe, (character) => `${REFERENCE}${character.charCodeAt(0)};`);
}
