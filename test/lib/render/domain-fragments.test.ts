import { fragmentFault, isFragmentParent } from '../../../lib/model';
import { addFragments, dropFragments, missingFragments } from '../../../lib/render/domain/fragments';
import { parseXml, renderXml } from '../../../lib/render/xml';

const WATCHDOG = { fragment: '<watchdog model="i6300esb" action="reset"/>' };
const HIDDEN = { fragment: '<kvm><hidden state="on"/></kvm>', parent: 'features' };
const domain = (devices = '') => parseXml(`<domain><features><acpi/></features><devices>${devices}</devices></domain>`);

test('a fragment goes into the devices or into its parent, which is created if missing', () => {
  const added = addFragments(domain(), [
    WATCHDOG,
    HIDDEN,
    { fragment: '<emulatorpin cpuset="0"/>', parent: 'cputune' },
  ]);
  expect(renderXml(added)).toBe(`<domain>
  <features>
    <acpi/>
    <kvm>
      <hidden state="on"/>
    </kvm>
  </features>
  <devices>
    <watchdog model="i6300esb" action="reset"/>
  </devices>
  <cputune>
    <emulatorpin cpuset="0"/>
  </cputune>
</domain>
`);
});

test("the parent 'domain' is the root element", () => {
  const added = addFragments(parseXml('<domain/>'), [{ fragment: '<title>a</title>', parent: 'domain' }]);
  expect(renderXml(added)).toBe('<domain>\n  <title>a</title>\n</domain>\n');
});

test('a fragment that libvirt has expanded counts as present, and is not added twice', () => {
  const spelled = domain('<watchdog model="i6300esb" action="reset"><address type="pci" slot="0x06"/></watchdog>');
  expect(missingFragments(spelled, [WATCHDOG])).toEqual([]);
  expect(renderXml(addFragments(structuredClone(spelled), [WATCHDOG]))).toBe(renderXml(spelled));
});

test.each([
  ['another attribute', '<watchdog model="i6300esb" action="none"/>'],
  ['another element', '<rng model="i6300esb" action="reset"/>'],
  ['nothing', ''],
])('a fragment is missing where the definition has %s', (_, there) => {
  expect(missingFragments(domain(there), [WATCHDOG])).toEqual([WATCHDOG]);
});

test('texts and inner elements are compared', () => {
  const rng = { fragment: '<rng model="virtio"><backend model="random">/dev/random</backend></rng>' };
  const other = '<rng model="virtio"><backend model="random">/dev/urandom</backend></rng>';
  expect(missingFragments(domain(other), [rng])).toEqual([rng]);
});

test('a fragment that is no longer wanted is removed, and nothing else', () => {
  const there = addFragments(domain(), [WATCHDOG, HIDDEN]);
  dropFragments(there, [HIDDEN, { fragment: '<sound model="ich9"/>' }]);
  expect(renderXml(there)).toBe(renderXml(addFragments(domain(), [WATCHDOG])));
});

test.each([
  '<a/>',
  '<a b=\'1\' c="2"/>',
  ' <a>text &amp; <b/>\n</a> ',
  '<a>&#13;&#xfffff;</a>',
  '<q:commandline xmlns:q="urn:q"><q:arg/></q:commandline>',
])('takes well-formed XML: %s', (fragment) => {
  expect(fragmentFault(fragment)).toBeUndefined();
  expect(parseXml(fragment).name).not.toBe('');
});

test.each([
  [`<watchdog model="a" model='b'/>`, "'<watchdog>' has the attribute 'model' twice"],
  ['<a>&#0;</a>', 'it has a character that XML cannot contain'],
  ['<a>&#xD800;</a>', 'it has a character that XML cannot contain'],
  ['', 'it has 0 elements'],
  ['text', 'it has text outside of an element: "text"'],
  ['<a>', "'<a>' has no end"],
  ['<a><b></a>', "'</a>' ends no '<b>'"],
  ['</a>', "'</a>' ends no '<a>'"],
  ['<a/><b/>', 'it has 2 elements'],
  ['<a b=1/>', 'it has no tag or text at "<a b=1/>"'],
  ['<a>&nbsp;</a>', 'it has a bare \'&\': "&nbsp;"'],
  ['<!DOCTYPE a><a/>', 'it has no tag or text at "<!DOCTYPE a><a/>"'],
  ['<a/><!-- c -->', 'it has no tag or text at "<!-- c -->"'],
])('fails for %s', (fragment, fault) => {
  expect(fragmentFault(fragment)).toBe(fault);
});

test('a parent is a path of element names', () => {
  expect(['devices', 'devices/disk', 'domain', 'qemu:commandline'].map(isFragmentParent)).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(['', '/', 'a/', '/a', 'a b', 'a[1]'].map(isFragmentParent)).toEqual([
    false,
    false,
    false,
    false,
    false,
    false,
  ]);
});
