import { NOT_IN_XML } from './xml-characters';

/** An element of libvirt's domain XML that has no field of its own. */
export interface XmlFragment {
  readonly fragment: string;
  /** Names from below the root, "features" or "devices/disk"; "domain" is the root itself. @default 'devices' */
  readonly parent?: string;
}

const NAME = String.raw`[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?`;
const TAG = new RegExp(String.raw`<(/?)(${NAME})((?:\s+${NAME}\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(/?)>|[^<>]+`, 'y');
const ATTRIBUTE_NAME = new RegExp(String.raw`(${NAME})\s*=\s*(?:"[^"]*"|'[^']*')`, 'g');
const REFERENCE = /&#(?:(\d+)|x([0-9a-fA-F]+));/g;
const BARE = /&(?!(?:amp|lt|gt|quot|apos|#\d{1,6}|#x[0-9a-fA-F]{1,5});)/;
const PARENT = new RegExp(`^${NAME}(?:/${NAME})*$`);

/** What is wrong with a fragment; undefined: it is one element. Synth loads no XML parser. */
export function fragmentFault(text: string): string | undefined {
  // Parsers change a bare carriage return.
  const isCarried = text.isWellFormed() && !NOT_IN_XML.test(text) && !text.includes('\r');
  if (!isCarried || [...text.matchAll(REFERENCE)].some(isUncarried))
    return 'it has a character that XML cannot contain';
  const open: string[] = [];
  let roots = 0;
  TAG.lastIndex = 0;
  for (let at = 0; at < text.length; at = TAG.lastIndex) {
    TAG.lastIndex = at;
    const [whole, end, name, attributes, empty] = TAG.exec(text) ?? [];
    if (whole === undefined) return `it has no tag or text at ${JSON.stringify(text.slice(at, at + 20))}`;
    if (BARE.test(whole)) return `it has a bare '&': ${shown(whole)}`;
    if (whole.includes(']]>')) return `it has ']]>' outside of a section: ${shown(whole)}`;
    if (name === undefined) {
      if (open.length === 0 && whole.trim() !== '') return `it has text outside of an element: ${shown(whole)}`;
    } else if (end === '/') {
      const started = open.pop();
      if (started !== name || attributes !== '' || empty !== '') return `'</${name}>' ends no '<${started ?? name}>'`;
    } else {
      const twice = repeated([...(attributes ?? '').matchAll(ATTRIBUTE_NAME)].map(([, one = '']) => one));
      if (twice !== undefined) return `'<${name}>' has the attribute '${twice}' twice`;
      if (open.length === 0) roots += 1;
      if (empty === '') open.push(name);
    }
  }
  if (open.length > 0) return `'<${open.at(-1) ?? ''}>' has no end`;
  return roots === 1 ? undefined : `it has ${roots} elements`;
}

function isUncarried([, decimal, hexadecimal = '']: RegExpMatchArray): boolean {
  const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
  if (code > 0x10ffff) return true;
  const character = String.fromCodePoint(code);
  return !character.isWellFormed() || NOT_IN_XML.test(character);
}

function repeated(names: readonly string[]): string | undefined {
  return names.find((one, index) => names.indexOf(one) !== index);
}

export function isFragmentParent(path: string): boolean {
  return PARENT.test(path);
}

function shown(text: string): string {
  return JSON.stringify(text.trim().slice(0, 40));
}
