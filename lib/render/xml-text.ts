/** An element as plain data, free to be edited. `name` has its prefix, "qemu:arg"; `attributes` has the `xmlns:...` too. */
export interface XmlElement {
  name: string;
  attributes: { [name: string]: string };
  children: XmlNode[];
}
export type XmlNode = XmlElement | string;

const NAME = String.raw`[\p{L}_][\p{L}\p{N}\p{M}_.·-]*(?::[\p{L}_][\p{L}\p{N}\p{M}_.·-]*)?`;
const ATTRIBUTE = String.raw`\s+(${NAME})\s*=\s*(?:"([^"<]*)"|'([^'<]*)')`;
const WHOLE_NAME = new RegExp(`^${NAME}$`, 'u');
/** What a document is made of. A document type has no internal subset here: libvirt writes none. */
const TOKEN = new RegExp(
  [
    '<!--(?:(?!--)[^])*-->', // a comment
    String.raw`<\?(?:(?!\?>)[^])*\?>`, // a declaration or an instruction
    '<!DOCTYPE[^<>[]*>',
    String.raw`<!\[CDATA\[(?<section>(?:(?!\]\]>)[^])*)\]\]>`,
    String.raw`</(?<end>${NAME})\s*>`,
    String.raw`<(?<start>${NAME})(?<attributes>(?:${ATTRIBUTE.replace(/\((?!\?)/g, '(?:')})*)\s*(?<empty>/?)>`,
    '(?<text>[^<]+)',
  ].join('|'),
  'uy',
);
const REFERENCE = /&(?:#(\d+)|#x([0-9a-fA-F]+)|(amp|lt|gt|quot|apos));|&/g;
const NAMED: { readonly [name: string]: string } = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
/** What no XML carries. */
const UNCARRIED = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

/** The root of a text, with every blank; comments and declarations are not kept. Throws a RangeError where it is no document. */
export function readXml(text: string): XmlElement {
  const open: XmlElement[] = [];
  const document: XmlElement = { name: '', attributes: {}, children: [] };
  for (let at = 0; at < text.length; at = TOKEN.lastIndex) {
    TOKEN.lastIndex = at;
    const found = TOKEN.exec(text)?.groups;
    if (found === undefined) throw noXml(text.slice(at));
    const parent = open.at(-1) ?? document;
    const { section, end, start, attributes = '', empty, text: words } = found;
    if (end !== undefined && open.pop()?.name !== end) throw noXml(text.slice(at));
    if (section !== undefined) parent.children.push(section);
    if (words !== undefined) parent.children.push(unescaped(words.replace(/\r\n?/g, '\n')));
    if (start === undefined) continue;
    const child: XmlElement = { name: start, attributes: attributesOf(attributes), children: [] };
    parent.children.push(child);
    if (empty === '') open.push(child);
  }
  const [root, ...others] = document.children.filter((one) => typeof one !== 'string' || one.trim() !== '');
  if (open.length > 0 || root === undefined || typeof root === 'string' || others.length > 0) throw noXml(text);
  return root;
}

/** The element as text, with nothing added between its children. Throws a RangeError where XML has no way to carry it. */
export function writeXml({ name, attributes, children }: XmlElement): string {
  const given = Object.entries(attributes).map(([key, value]) => ` ${named(key)}="${escaped(value, /[&<>"\t\n\r]/g)}"`);
  const start = `<${named(name)}${given.join('')}`;
  if (children.length === 0) return `${start}/>`;
  return `${start}>${children.map(writeNode).join('')}</${name}>`;
}

function writeNode(node: XmlNode): string {
  return typeof node === 'string' ? escaped(node, /[&<>\r]/g) : writeXml(node);
}

function attributesOf(text: string): { [name: string]: string } {
  const found: { [name: string]: string } = {};
  for (const [, name = '', double, single] of text.matchAll(new RegExp(ATTRIBUTE, 'gu'))) {
    if (Object.hasOwn(found, name)) throw noXml(text);
    // A parser has a bare line break, or a tab, for a space.
    found[name] = unescaped((double ?? single ?? '').replace(/\r\n|[\t\n\r]/g, ' '));
  }
  return found;
}

function unescaped(text: string): string {
  return text.replace(REFERENCE, (whole, decimal?: string, hexadecimal?: string, name?: string) => {
    if (name !== undefined) return NAMED[name] as string;
    if (decimal === undefined && hexadecimal === undefined) throw noXml(text.slice(text.indexOf(whole)));
    return String.fromCodePoint(decimal === undefined ? Number.parseInt(hexadecimal as string, 16) : Number(decimal));
  });
}

/** Parsers turn a bare newline in an attribute into a space, and a carriage return into a newline. */
function escaped(text: string, unsafe: RegExp): string {
  if (!text.isWellFormed() || UNCARRIED.test(text)) {
    throw new RangeError(`XML has no way to carry a character of ${JSON.stringify(text)}`);
  }
  return text.replace(unsafe, (one) => {
    const name = Object.keys(NAMED).find((key) => NAMED[key] === one);
    return name === undefined ? `&#${one.charCodeAt(0)};` : `&${name};`;
  });
}

function named(name: string): string {
  if (!WHOLE_NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} is no name in XML`);
  return name;
}

function noXml(text: string): RangeError {
  return new RangeError(`this is not XML: ${JSON.stringify(text.slice(0, 60))}`);
}
