import { parseXml as parse, XmlElement as ParsedElement, XmlText } from '@rgrove/parse-xml';
import { NOT_IN_XML } from '../model';

/**
 * An element as plain data, free to be edited. `name` has its prefix, "qemu:arg"; `attributes` has the `xmlns:...` too.
 */
export interface XmlElement {
  name: string;
  attributes: { [name: string]: string };
  children: XmlNode[];
}
export type XmlNode = XmlElement | string;

const WHOLE_NAME = /^[\p{L}_][\p{L}\p{N}\p{M}_.·-]*(:[\p{L}_][\p{L}\p{N}\p{M}_.·-]*)?$/u;
const REFERENCES: { readonly [character: string]: string } = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** The root element of a document, with all white space. Throws a RangeError if the text is not XML. */
export function readXml(text: string): XmlElement {
  try {
    const { root } = parse(text);
    if (root) return plain(root);
  } catch (error) {
    throw new RangeError(`this is not XML: ${JSON.stringify(text.slice(0, 60))}`, { cause: error });
  }
  throw new RangeError('this XML has no root element');
}

/** Comments and instructions are dropped; CDATA is text. */
function plain({ name, attributes, children }: ParsedElement): XmlElement {
  const kept = children.flatMap((child): XmlNode[] => {
    if (child instanceof ParsedElement) return [plain(child)];
    return child instanceof XmlText ? [child.text] : [];
  });
  return { name, attributes: { ...attributes }, children: kept };
}

/** The element as text, with nothing added between its children. Throws a RangeError if XML cannot contain it. */
export function writeXml({ name, attributes, children }: XmlElement): string {
  const given = Object.entries(attributes).map(
    ([key, value]) => ` ${checked(key)}="${escaped(value, /[&<>"\t\n\r]/g)}"`,
  );
  const start = `<${checked(name)}${given.join('')}`;
  if (children.length === 0) return `${start}/>`;
  const inner = children.map((child) => (typeof child === 'string' ? escaped(child, /[&<>\r]/g) : writeXml(child)));
  return `${start}>${inner.join('')}</${name}>`;
}

/**
 * Parsers turn a bare newline in an attribute into a space, and a carriage return into a newline: references keep them.
 */
function escaped(text: string, unsafe: RegExp): string {
  if (!text.isWellFormed() || NOT_IN_XML.test(text)) {
    throw new RangeError(`XML cannot contain a character of ${JSON.stringify(text)}`);
  }
  return text.replace(unsafe, (one) => REFERENCES[one] ?? `&#${one.charCodeAt(0)};`);
}

function checked(name: string): string {
  if (!WHOLE_NAME.test(name)) throw new RangeError(`${JSON.stringify(name)} is not a name in XML`);
  return name;
}
