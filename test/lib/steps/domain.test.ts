import { domainXml } from '../../../lib/render/domain/domain-xml';
import { attributeAt, element, find, findAll, parseXml, renderXml, type XmlElement } from '../../../lib/render/xml';
import { addFragments } from '../../../lib/render/domain/fragments';
import { updateDefinition } from '../../../lib/steps/domain/update-definition';
import { differences, liveDifferences, textOf } from '../../../lib/steps/domain/compare-definition';
import { domain } from '../../../lib/steps/domain';
import { ABSENT, markOf, parseLooks } from '../../../lib/steps/domain/observed-domain';
import { saysOnly } from '../../../lib/steps/libvirt';
import { comparableOf } from '../../../lib/steps/domain/compared-fields';
import { markFor } from '../../../lib/steps/ownership/mark';
import type { DomainSpec } from '../../../lib/model';
import { stepsByHand } from '../../../lib/steps/step';
import { DOMAIN, VARIANTS } from '../../helpers/domain-spec';

const NIC = { network: 'default', macAddress: '52:54:00:aa:bb:01', model: 'virtio' };
const DATA = { image: 'pool/web1-data', bus: 'virtio' } as const;

const wanted = (more: Partial<DomainSpec> = {}): XmlElement =>
  domainXml({ ...DOMAIN, ...more }, JSON.stringify(markFor(DOMAIN, DOMAIN.name)));
const differ = (want: Partial<DomainSpec>, have: XmlElement): string =>
  textOf(differences(comparableOf(wanted(want)), comparableOf(have)));
const withAddress = (root: XmlElement, path: string, address: string): XmlElement => {
  find(root, path)?.children.push(element('address', { type: 'pci', bus: address }));
  return root;
};

describe('A difference is reported in the words of a plan', () => {
  test.each<[Partial<DomainSpec>, Partial<DomainSpec>, string]>([
    [{}, {}, ''],
    [{ memory: '4 GiB' }, { memory: '2 GiB' }, 'memory is 2 GiB, not 4 GiB'],
    [{ memory: '4096 MiB' }, { memory: '4 GiB' }, ''],
    [{ memory: '3 GiB', maxMemory: '4 GiB' }, { memory: '4 GiB' }, 'memory is 4 GiB, not 3 GiB'],
    [{ vcpus: 4 }, {}, 'vcpus is 2, not 4'],
    [{ maxVcpus: 4 }, {}, 'maximum vcpus is 2, not 4'],
    [{ description: 'shop' }, {}, 'description is none, not shop'],
    [{ vnc: true }, {}, 'vnc is none, not on'],
    [{}, { guestAgent: true }, 'guest agent channel is on, not none'],
    [{ serialLogFile: '/a' }, { serialLogFile: '/b' }, 'serial log file is /b, not /a'],
    [{ disks: { ...DOMAIN.disks, vdb: DATA } }, {}, 'disk vdb is missing'],
    [{}, { disks: { ...DOMAIN.disks, vdb: DATA } }, 'disk vdb is no longer wanted'],
    [{ disks: { vda: DATA } }, {}, 'disk vda: image is pool/web1-root, not pool/web1-data'],
    [{ monitors: ['10.0.0.11'] }, { monitors: ['a', 'b:1'] }, 'disk vda: monitors is a, b:1, not 10.0.0.11'],
    [{ networkInterfaces: [NIC] }, {}, 'network interface 52:54:00:aa:bb:01 is missing'],
    [
      { networkInterfaces: [{ ...NIC, linkUp: false }] },
      { networkInterfaces: [NIC] },
      'network interface 52:54:00:aa:bb:01: link is up, not down',
    ],
  ])('%j against %j', (want, have, text) => expect(differ(want, wanted(have))).toBe(text));

  test('no variant differs from itself', () => {
    for (const variant of VARIANTS) expect(differ(variant, wanted(variant))).toBe('');
  });

  test('the version that libvirt adds to a machine type is no difference, but another machine is', () => {
    const machine = (name: string) => wanted({ machineType: name });
    expect(differ({}, machine('pc-q35-7.2'))).toBe('');
    expect(differ({ machineType: 'pc' }, machine('pc-i440fx-7.2'))).toBe('');
    expect(differ({}, machine('pc-i440fx-7.2'))).toBe('machine type is pc-i440fx-7.2, not q35');
    expect(differ({ machineType: 'pc-q35-7.1' }, machine('pc-q35-7.2'))).toBe(
      'machine type is pc-q35-7.2, not pc-q35-7.1',
    );
  });

  test('devices that others plugged in are no difference', () => {
    const have = wanted();
    const foreign = parseXml(renderXml(find(wanted({ networkInterfaces: [NIC] }), 'devices/interface') as XmlElement));
    foreign.children = foreign.children.filter((child) => typeof child === 'string' || child.name !== 'alias');
    find(have, 'devices')?.children.push(foreign);
    expect(differ({}, have)).toBe('');
  });

  test('in a running VM, the balloon, the description and what libvirt expands are no difference', () => {
    const live = wanted({ maxMemory: '8 GiB', memory: '8 GiB', description: 'old', networkInterfaces: [NIC] });
    (find(live, 'cpu') as XmlElement).attributes['mode'] = 'custom';
    (find(live, 'devices/interface/source') as XmlElement).attributes = { bridge: 'virbr0' };
    const want = wanted({ maxMemory: '8 GiB', networkInterfaces: [NIC] });
    expect(textOf(liveDifferences(comparableOf(want), comparableOf(live)))).toBe('');
    expect(textOf(liveDifferences(comparableOf(wanted({ memory: '6 GiB' })), comparableOf(wanted())))).toBe(
      'memory is 4 GiB, not 6 GiB',
    );
  });
});

describe('An existing definition is amended', () => {
  test.each(VARIANTS.flatMap((from, i) => VARIANTS.map((to, j) => [i, j, from, to] as const)))(
    'from variant %i to variant %i until nothing differs',
    (_, __, from, to) => {
      const amended = updateDefinition(wanted(from), wanted(to));
      expect(differ(to, amended)).toBe('');
      expect(updateDefinition(amended, wanted(to))).toEqual(amended);
    },
  );

  test('and keeps its UUID, its PCI addresses and the devices of others', () => {
    const have = withAddress(wanted({ disks: { ...DOMAIN.disks, vdb: DATA } }), 'devices/disk', '0x05');
    (find(have, 'uuid') as XmlElement).children = ['99999999-9999-4999-8999-999999999999'];
    find(have, 'devices')?.children.push(element('hostdev', { mode: 'subsystem' }));
    const vda = { image: 'pool/web1-root', bus: 'virtio', cache: 'none' } as const;
    const amended = updateDefinition(have, wanted({ disks: { vda } }));
    expect(find(amended, 'uuid')?.children).toEqual(['99999999-9999-4999-8999-999999999999']);
    expect(findAll(amended, 'devices/disk')).toHaveLength(1);
    expect(attributeAt(amended, 'devices/disk/address', 'bus')).toBe('0x05');
    expect(find(amended, 'devices/hostdev')).toBeDefined();
  });

  test('and loses the address of a disk whose bus changes', () => {
    const have = withAddress(wanted(), 'devices/disk', '0x05');
    const amended = updateDefinition(have, wanted({ disks: { vda: { image: 'pool/web1-root', bus: 'sata' } } }));
    expect(find(amended, 'devices/disk/address')).toBeUndefined();
  });

  test('and loses the actions that libvirt expanded: its own, or those of added XML', () => {
    const have = wanted();
    have.children.push(element('on_crash', {}, 'destroy'), element('on_reboot', {}, 'destroy'));
    const preserve = { fragment: '<on_crash>preserve</on_crash>', parent: 'domain' };
    const amended = addFragments(updateDefinition(have, wanted()), [preserve]);
    expect(find(amended, 'on_reboot')).toBeUndefined();
    expect(findAll(amended, 'on_crash').map(({ children }) => children)).toEqual([['preserve']]);
  });

  test('and loses old addresses and controllers when the machine changes', () => {
    const have = withAddress(wanted(), 'devices/disk', '0x05');
    const amended = updateDefinition(have, wanted({ machineType: 'pc' }));
    expect(find(amended, 'devices/disk/address')).toBeUndefined();
    expect(findAll(amended, 'devices/controller')).toEqual([]);
  });

  test('and carries our mark next to the metadata of others', () => {
    const have = wanted();
    find(have, 'metadata')?.children.push(element('x:note', { 'xmlns:x': 'urn:x' }, 'theirs'));
    const target = domainXml(DOMAIN, JSON.stringify({ ...markFor(DOMAIN, 'web1'), entryId: 'new' }));
    const amended = updateDefinition(have, target);
    expect(markOf(amended)?.entryId).toBe('new');
    expect(findAll(amended, 'metadata/mark:mark')).toHaveLength(1);
    expect(find(amended, 'metadata/x:note')?.children).toEqual(['theirs']);
  });
});

describe('The output of virsh', () => {
  const info = (autostart: string) =>
    `Id:             2\nName:           web1\nState:          running\nPersistent:     yes\nAutostart:      ${autostart}\nManaged save:   no\n`;
  const text = (state: string) => `${state}\n${info('enable')}${renderXml(wanted())}${renderXml(wanted({ vcpus: 3 }))}`;

  test('gives state, reason, autostart, definition, running definition and mark', () => {
    const found = parseLooks(text('paused (I/O error)'));
    expect(found).toMatchObject({ state: 'paused', reason: 'I/O error', persistent: true, autostart: true });
    expect(found).toMatchObject({ managedSave: false, mark: { id: 'web1', entryId: DOMAIN.entryId } });
    expect(
      [comparableOf(found.definition), found.live && comparableOf(found.live)].map((view) => view?.fields['vcpus']),
    ).toEqual(['2', '3']);
  });

  test('shows nothing running for a VM that is off', () => {
    expect(parseLooks(text('shut off (crashed)'))).toMatchObject({ state: 'shut off', live: undefined });
  });

  test('distinguishes a VM that does not exist from a host that does not answer', () => {
    expect(saysOnly("error: failed to get domain 'web1'\nerror: failed to get domain 'web1'\n", ABSENT)).toBe(true);
    expect(saysOnly('error: failed to connect to the hypervisor\n', ABSENT)).toBe(false);
    expect(saysOnly('', ABSENT)).toBe(false);
  });
});

test('fails for a name that is a number, which virsh takes for another VM', () => {
  expect(() => domain.parseSpec({ ...DOMAIN, name: '12' })).toThrow(
    "the field 'name' of the spec is wrong: is a number",
  );
});

test('fails for a name that would be several words of a command', () => {
  expect(() => domain.parseSpec({ ...DOMAIN, name: 'web1; destroy web2' })).toThrow(`the field 'name'`);
});

test('a spec is parsed unchanged, and its description can be typed', () => {
  expect(domain.parseSpec(DOMAIN)).toEqual(DOMAIN);
  const lines = stepsByHand(domain.ensure).flatMap((step) => step.describe(DOMAIN));
  expect(lines).toContain('virsh --connect qemu:///system start web1');
  expect(lines).toContain("virsh --connect qemu:///system define /dev/stdin <<'XML'");
});
