import fc from 'fast-check';
import {
  attributeAt,
  element,
  elementsOf,
  find,
  findAll,
  parseXml,
  removeChild,
  renderXml,
  textAt,
} from '../../../lib/render/xml';

const carried = fc
  .string({ unit: 'binary' })
  .filter((text) => !/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(text));

describe('renderXml', () => {
  test('indents elements and keeps text on the line of its element', () => {
    const secret = element('secret', { ephemeral: 'no' }, element('usage', {}, element('name', {}, 'a  b\nc')));
    expect(renderXml(secret)).toBe(
      '<secret ephemeral="no">\n  <usage>\n    <name>a  b\nc</name>\n  </usage>\n</secret>\n',
    );
  });

  test('leaves out undefined attributes and children', () => {
    expect(renderXml(element('host', { name: 'mon1', port: undefined }, undefined))).toBe('<host name="mon1"/>\n');
  });

  test('never writes text as markup, in elements and in attributes', () => {
    const text = `</name><evil a="1"/><!-- & ]]> '"`;
    const xml = renderXml(element('name', { note: text }, text));
    expect(xml).not.toContain('<evil');
    expect(xml).not.toContain('<!--');
  });

  test('escapes newlines and tabs in attributes, which a parser would turn into spaces', () => {
    expect(renderXml(element('a', { b: '1\n2\t3\r4' }))).toBe('<a b="1&#10;2&#9;3&#13;4"/>\n');
  });

  test('returns any text unchanged, from an attribute and from an element', () => {
    fc.assert(
      fc.property(carried, carried, (attribute, text) => {
        const tree = element('a', { b: attribute }, element('c', {}, text === '' ? undefined : text));
        expect(parseXml(renderXml(tree))).toEqual(tree);
      }),
      { numRuns: 2000 },
    );
  });

  test.each(['\u0000', '\u001b', '\ud800', '\uffff'])(
    'fails for the character %j, which XML cannot represent',
    (bad) => {
      expect(() => renderXml(element('a', {}, bad))).toThrow(RangeError);
      expect(() => renderXml(element('a', { b: bad }))).toThrow(RangeError);
    },
  );

  test('fails for invalid names', () => {
    expect(() => renderXml(element('a b'))).toThrow();
    expect(() => renderXml(element('a', { 'b="1" c': '' }))).toThrow();
  });
});

describe('parseXml', () => {
  const DOMAIN = `<domain type='kvm' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <metadata>
    <own:mark xmlns:own="urn:own">{"a":1}</own:mark>
    <other xmlns="urn:other">
      <deep>mixed <b>text</b> stays</deep>
    </other>
  </metadata>
  <devices>
    <disk type='network' device='disk'>
      <target dev='vda' bus='virtio'/>
    </disk>
    <disk type='network' device='cdrom'>
      <target dev='sda' bus='sata'/>
    </disk>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-x'/>
  </qemu:commandline>
</domain>
`;

  test('writes back unchanged what was not touched, including prefixes, namespaces and mixed text', () => {
    expect(renderXml(parseXml(DOMAIN)).replace(/"/g, "'")).toBe(DOMAIN.replace(/"/g, "'"));
  });

  test('finds by path: all, the first, its attribute, its text', () => {
    const domain = parseXml(DOMAIN);
    expect(findAll(domain, 'devices/disk')).toHaveLength(2);
    expect(findAll(domain, 'devices/disk/target').map((target) => target.attributes['dev'])).toEqual(['vda', 'sda']);
    expect(attributeAt(domain, 'devices/disk', 'device')).toBe('disk');
    expect(textAt(domain, 'metadata/own:mark')).toBe('{"a":1}');
    expect(find(domain, 'devices/tpm')).toBeUndefined();
    expect(attributeAt(domain, 'devices/tpm', 'model')).toBeUndefined();
    expect(textAt(domain, 'title')).toBeUndefined();
  });

  test('removes exactly the given child from its parent', () => {
    const domain = parseXml(DOMAIN);
    const devices = find(domain, 'devices') as ReturnType<typeof element>;
    removeChild(devices, find(devices, 'disk') as ReturnType<typeof element>);
    expect(elementsOf(devices).map((disk) => disk.attributes['device'])).toEqual(['cdrom']);
  });

  test('drops declarations, comments and blank text between elements; keeps CDATA as text', () => {
    expect(parseXml('<?xml version="1.0"?>\n<!-- c -->\n<a>\n  <b/> <!-- d --><c><![CDATA[x<y]]></c>\n</a>')).toEqual(
      element('a', {}, element('b'), element('c', {}, 'x<y')),
    );
  });

  test.each(['', 'error: no domain', '<a', '<a/><b/>'])('fails for %j, which is not a document', (text) => {
    expect(() => parseXml(text)).toThrow();
  });
});
