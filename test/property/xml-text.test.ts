import * as fc from 'fast-check';
import { create } from 'xmlbuilder2';
import { parseXml, renderXml, type XmlElement, type XmlNode } from '../../lib/render/xml';

const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.-]{0,7}$/).filter((text) => !/^xml/i.test(text));
const carried = fc
  .string({ unit: 'binary', maxLength: 12 })
  // xmlbuilder2 (4.0.3) takes what looks like a reference for a reference.
  .filter((text) => !/[\u0000-\u0008\u000b-\u001f\ufffe\uffff&]/.test(text));

const { tree } = fc.letrec<{ tree: XmlElement }>((tie) => ({
  tree: fc.record({
    name,
    attributes: fc.dictionary(
      name,
      carried.filter((text) => !/[\t\n]/.test(text)),
      { maxKeys: 3, noNullPrototype: true },
    ),
    children: fc.oneof(
      { maxDepth: 4 },
      carried.map((text): XmlNode[] => (text === '' ? [] : [text])),
      fc.array(tie('tree'), { maxLength: 3 }),
    ),
  }),
}));

/** As another reader, of all of XML, sees a text. */
function seen(text: string): unknown {
  const shape = (node: Node): unknown => ({
    name: node.nodeName,
    attributes: Object.fromEntries([...(node.attributes ?? [])].map((one) => [one.name, one.value])),
    children: [...node.childNodes]
      .filter((child) => child.nodeType === 1 || (child.nodeValue ?? '').trim() !== '' || node.childNodes.length === 1)
      .map((child) => (child.nodeType === 1 ? shape(child) : (child.nodeValue ?? ''))),
  });
  return shape(create({ skipWhitespaceOnlyText: false }, text).root().node);
}

interface Node {
  readonly nodeType: number;
  readonly nodeName: string;
  readonly nodeValue: string | null;
  readonly childNodes: { readonly length: number; [Symbol.iterator](): Iterator<Node> };
  readonly attributes?: Iterable<{ readonly name: string; readonly value: string }>;
}

test('what is written reads back unchanged, here and in a full XML reader', () => {
  fc.assert(
    fc.property(tree, (element) => {
      const text = renderXml(element);
      expect(parseXml(text)).toEqual(element);
      expect(seen(text)).toEqual(element);
    }),
    { numRuns: 1500 },
  );
});

test('what another tool writes reads the same here', () => {
  fc.assert(
    fc.property(tree, fc.boolean(), (element, prettyPrint) => {
      const document = create({ version: '1.0' });
      append(document, element);
      const text = document.end({ prettyPrint });
      expect(parseXml(text)).toEqual(prettyPrint ? seen(text) : element);
    }),
    { numRuns: 1500 },
  );
});

test('a text with a changed piece is refused, or what was read of it is written and read back unchanged', () => {
  const changed = fc.tuple(tree, fc.nat(), fc.constantFrom('<', '>', '/', '&', '"', "'", ' ', '=', '<a>', '</a>', ''));
  fc.assert(
    fc.property(changed, ([element, at, piece]) => {
      const text = renderXml(element);
      const cut = at % text.length;
      const broken = text.slice(0, cut) + piece + text.slice(cut + 1);
      fc.pre(broken.isWellFormed());
      let read: XmlElement;
      try {
        read = parseXml(broken);
      } catch {
        return;
      }
      expect(parseXml(renderXml(read))).toEqual(read);
    }),
    { numRuns: 1500 },
  );
});

interface Builder {
  ele(name: string): Builder;
  att(name: string, value: string): Builder;
  txt(text: string): Builder;
}

function append(parent: Builder, { name, attributes, children }: XmlElement): void {
  const node = parent.ele(name);
  for (const [key, value] of Object.entries(attributes)) node.att(key, value);
  for (const child of children) typeof child === 'string' ? node.txt(child) : append(node, child);
}
