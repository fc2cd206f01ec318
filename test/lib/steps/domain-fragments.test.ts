import { runSteps } from '../../../lib/exec/run-steps';
import type { DomainSpec, XmlFragment } from '../../../lib/model';
import { attributeAt, element, find, findAll, parseXml, renderXml, type XmlElement } from '../../../lib/render/xml';
import { domain } from '../../../lib/steps/domain';
import { definitionDiffers } from '../../../lib/steps/domain/compare-with-spec';
import { observeDomain, type ObservedDomain } from '../../../lib/steps/domain/observed-domain';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { domainMark } from '../../../lib/steps/domain/domain-mark';
import { changes } from '../../../lib/steps/domain/compare-live';

type Change = Partial<DomainSpec>;
const inRoot = (fragment: string): XmlFragment => ({ fragment, parent: 'domain' });
const specOf = (change: Change): DomainSpec => ({ ...DOMAIN, running: false, ...change });
const definedBy = (change: Change): XmlElement => {
  const spec = specOf(change);
  return parseXml(renderXml(domainXml(spec, JSON.stringify(domainMark(spec)))));
};

afterEach(() => jest.useRealTimers());

/** The definition after an apply of `after` on a VM that is off, and how it still differs. */
async function applied(have: XmlElement, after: Change): Promise<{ definition: XmlElement; differs: string }> {
  const libvirt = new FakeLibvirt(() => 'shut off (shutdown)', have);
  await runSteps(domain as never, domain.ensure as never, specOf(after) as never, libvirt.tools, {});
  const found = await observeDomain(libvirt.tools, DOMAIN.host, DOMAIN.name);
  if (!found) throw new Error('the VM is gone');
  return { definition: found.definition, differs: definitionDiffers(specOf(after), found) };
}

const NIC = { macAddress: '52:54:00:aa:bb:01', model: 'virtio', network: 'default' };
const INTERFACE = {
  fragment: '<interface type="network"><mac address="52:54:00:aa:bb:01"/><source network="default"/></interface>',
};
const CHANNEL = '<channel type="unix"><target type="virtio" name="org.qemu.guest_agent.0"/></channel>';
/** Settings that have a prop, as XML; what libvirt adds to them is added by the test. */
const BOTH: readonly (readonly [path: string, prop: Change, fragment: XmlFragment])[] = [
  ['description', { description: 'a' }, inRoot('<description>a</description>')],
  [
    'memoryBacking/hugepages',
    { hugePageSize: '2 MiB' },
    inRoot('<memoryBacking><hugepages><page size="2048" unit="KiB"/></hugepages></memoryBacking>'),
  ],
  [
    'sysinfo',
    { ignitionFile: '/etc/core1.ign' },
    inRoot('<sysinfo type="fwcfg"><entry name="opt/com.coreos/config" file="/etc/core1.ign"/></sysinfo>'),
  ],
  ['devices/channel', { guestAgent: true }, { fragment: CHANNEL }],
  ['devices/graphics', { vnc: true }, { fragment: '<graphics type="vnc"/>' }],
  ['devices/watchdog', { watchdog: 'reset' }, { fragment: '<watchdog model="i6300esb" action="reset"/>' }],
  ['devices/interface', { networkInterfaces: [NIC] }, INTERFACE],
];

describe('A setting that moves', () => {
  test.each(BOTH)('from addXml to its prop stays, once: %s', async (path, prop, fragment) => {
    const { definition, differs } = await applied(definedBy({ xml: [fragment] }), prop);
    expect(findAll(definition, path)).toHaveLength(1);
    expect(differs).toBe('');
  });

  test.each(BOTH)('from its prop to addXml stays, once: %s', async (path, prop, fragment) => {
    const { definition, differs } = await applied(definedBy(prop), { xml: [fragment] });
    expect(findAll(definition, path)).toHaveLength(1);
    expect(differs).toBe('');
  });

  test.each(BOTH)('and is given in both places for a while stays, once: %s', async (path, prop, fragment) => {
    const { definition } = await applied(definedBy({ xml: [fragment] }), { ...prop, xml: [fragment] });
    const { differs, ...left } = await applied(definition, prop);
    expect(findAll(left.definition, path)).toHaveLength(1);
    expect(differs).toBe('');
  });

  test('keeps the PCI address of its network interface', async () => {
    const have = definedBy({ xml: [INTERFACE] });
    find(have, 'devices/interface')?.children.push(element('address', { type: 'pci', bus: '0x05' }));
    const { definition } = await applied(have, { networkInterfaces: [NIC] });
    expect(attributeAt(definition, 'devices/interface/address', 'bus')).toBe('0x05');
  });
});

test('added XML that leaves takes no device of the spec along that it also describes', async () => {
  const port = { fragment: '<controller type="pci" model="pcie-root-port"/>' };
  const before = findAll(definedBy({}), 'devices/controller').length;
  const { definition, differs } = await applied(definedBy({ xml: [port] }), {});
  expect(findAll(definition, 'devices/controller')).toHaveLength(before);
  expect(differs).toBe('');
});

test('firmware given as XML is not refused as a change of firmware', async () => {
  const loader = {
    fragment: '<loader readonly="yes" type="pflash">/usr/share/OVMF/OVMF_CODE.fd</loader>',
    parent: 'os',
  };
  const { definition, differs } = await applied(definedBy({ xml: [loader] }), { xml: [loader], vcpus: 4 });
  expect(findAll(definition, 'os/loader')).toHaveLength(1);
  expect(differs).toBe('');
});

test("the guest agent's channel given as XML stays in the running VM", () => {
  const spec = specOf({ xml: [{ fragment: CHANNEL }] });
  const xml = definedBy(spec);
  expect(changes(spec, { definition: xml, live: xml } as unknown as ObservedDomain)).toEqual([]);
});
