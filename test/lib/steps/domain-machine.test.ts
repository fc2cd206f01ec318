import type { DomainSpec } from '../../../lib/model';
import { plainDomainXml } from '../../../lib/render/domain/domain-xml';
import { attributeAt, element, find, findAll, parseXml, type XmlElement } from '../../../lib/render/xml';
import { updateDefinition } from '../../../lib/steps/domain/update-definition';
import { unsupported } from '../../../lib/steps/domain/capabilities';
import { differences, liveDifferences, textOf } from '../../../lib/steps/domain/compare-definition';
import { refuseOtherFirmware } from '../../../lib/steps/domain/update-firmware';
import { comparableOf } from '../../../lib/steps/domain/compared-fields';
import { DOMAIN, VARIANTS } from '../../helpers/domain-spec';

const xml = (more: Partial<DomainSpec> = {}): XmlElement => plainDomainXml({ ...DOMAIN, ...more }, '{}');
const differs = (wanted: Partial<DomainSpec>, found: XmlElement): string =>
  textOf(differences(comparableOf(xml(wanted)), comparableOf(found)));

/** The running VM as libvirt shows it: with the files that it chose for the firmware. */
function started(domain: XmlElement): XmlElement {
  const live = structuredClone(domain);
  const os = find(live, 'os') as XmlElement;
  delete os.attributes['firmware'];
  const secure = attributeAt(os, 'firmware/feature', 'enabled');
  os.children.push(
    element('loader', { readonly: 'yes', secure, type: 'pflash' }, '/usr/share/OVMF/OVMF_CODE_4M.fd'),
    element('nvram', { template: '/usr/share/OVMF/OVMF_VARS_4M.fd' }, '/var/lib/libvirt/qemu/nvram/web1_VARS.fd'),
  );
  return live;
}

test.each(VARIANTS.map((variant, index) => [index, variant] as const))(
  'variant %i can be amended into the plainest definition and back again',
  (_, variant) => {
    const plain = { machineType: variant.machineType, architecture: variant.architecture };
    expect(differs(variant, updateDefinition(xml(plain), xml(variant)))).toBe('');
    const back = updateDefinition(xml(variant), xml(plain));
    expect(differs(plain, back)).toBe('');
  },
);

test.each(['uefi', 'uefi-secure-boot'] as const)(
  'the files that libvirt chose for %s are no difference',
  (firmware) => {
    const live = started(xml({ firmware }));
    expect(textOf(liveDifferences(comparableOf(xml({ firmware })), comparableOf(live)))).toBe('');
    expect(textOf(differences(comparableOf(xml({ firmware })), comparableOf(live)))).toBe('');
  },
);

test("what libvirt chose stays in an amended definition, including the guest's variables", () => {
  const amended = updateDefinition(started(xml({ firmware: 'uefi' })), xml({ firmware: 'uefi', description: 'new' }));
  expect(attributeAt(amended, 'os/nvram', 'template')).toBe('/usr/share/OVMF/OVMF_VARS_4M.fd');
  expect(findAll(amended, 'os/loader')).toHaveLength(1);
});

test('different firmware is reported as such, and refused when there are variables', () => {
  const found = (more: Partial<DomainSpec>) => ({ definition: xml(more) }) as Parameters<typeof refuseOtherFirmware>[1];
  const refuse = (is: Partial<DomainSpec>, should: Partial<DomainSpec>) => () => {
    refuseOtherFirmware({ ...DOMAIN, ...should }, found(is));
  };
  const secure = { firmware: 'uefi-secure-boot' } as const;
  expect(differs({ ...secure, enrolledKeys: false }, xml(secure))).toBe(
    'firmware is uefi-secure-boot, not uefi-secure-boot without keys',
  );
  expect(refuse({ firmware: 'uefi' }, secure)).toThrow("'virsh undefine web1 --nvram --keep-tpm'");
  expect(refuse(secure, {})).toThrow("VM 'web1' has the firmware 'uefi-secure-boot'");
  expect(refuse(secure, { ...secure, enrolledKeys: false })).toThrow('whose UEFI variables do not suit');
  expect(refuse({}, secure)).not.toThrow();
  expect(refuse(secure, secure)).not.toThrow();
});

test('the controller of a SCSI disk removed with its I/O thread stays, because libvirt refuses to lose a missing one', () => {
  const fast = { image: 'pool/fast', bus: 'scsi', ioThread: true, queues: 2 } as const;
  const back = updateDefinition(xml({ disks: { ...DOMAIN.disks, sdh: fast } }), xml());
  const controllers = findAll(back, 'devices/controller').filter(({ attributes }) => attributes['type'] === 'scsi');
  expect(controllers.map(({ attributes, children }) => [attributes['index'], children])).toEqual([
    ['0', []],
    ['1', []],
  ]);
  expect(findAll(back, 'iothreadids')).toEqual([]);
});

test('devices that others added are no difference, and stay', () => {
  const foreign = xml();
  const devices = find(foreign, 'devices') as XmlElement;
  devices.children.push(element('watchdog', { model: 'itco', action: 'reset' }), element('tpm', { model: 'tpm-tis' }));
  expect(differs({}, foreign)).toBe('');
  expect(findAll(updateDefinition(foreign, xml()), 'devices/tpm')).toHaveLength(1);
  expect(differs({ watchdog: 'reset' }, foreign)).toBe('device watchdog is missing');
  expect(differs({}, xml({ watchdog: 'reset' }))).toBe('device watchdog is no longer wanted');
});

describe('What a host cannot do', () => {
  const CAPABILITIES = parseXml(`<domainCapabilities>
    <os supported='yes'><enum name='firmware'/><loader supported='yes'><enum name='secure'><value>no</value></enum></loader></os>
    <cpu><mode name='host-passthrough' supported='no'/><mode name='custom' supported='yes'>
      <model usable='yes'>Nehalem</model><model usable='no'>EPYC</model></mode></cpu>
    <devices><disk supported='yes'><enum name='bus'><value>virtio</value><value>scsi</value></enum></disk>
      <graphics supported='yes'><enum name='type'><value>vnc</value></enum></graphics>
      <hostdev supported='yes'><enum name='subsysType'><value>usb</value></enum></hostdev>
      <tpm supported='no'/><rng supported='no'/></devices></domainCapabilities>`);
  const lacks = (more: Partial<DomainSpec>): string[] => unsupported({ ...DOMAIN, rng: false, ...more }, CAPABILITIES);

  test.each<[Partial<DomainSpec>, RegExp]>([
    [{ firmware: 'uefi' }, /^UEFI \(it has no description of a firmware/],
    [{ firmware: 'uefi-secure-boot' }, /^UEFI .*secure boot$/],
    [{ tpm: true }, /^an emulated TPM/],
    [{ spice: true }, /^SPICE$/],
    [{ rng: true }, /^a virtio random number generator/],
    [{ cpuMode: 'host-passthrough' }, /^the CPU mode 'host-passthrough'$/],
    [{ cpuModel: 'EPYC' }, /^the CPU model 'EPYC'$/],
    [{ cpuModel: 'none' }, /^the CPU model 'none'$/],
    [{ hostDevices: [{ pci: '0000:3b:00.0' }] }, /^pci devices of the host$/],
    [{ disks: { sda: { image: 'p/a', bus: 'sata' } } }, /^disks on sata$/],
  ])('is reported for %j', (more, text) => {
    expect(lacks(more).join('; ')).toMatch(text);
  });

  test('excludes what it can do, and what its libvirt does not report', () => {
    expect(lacks({ vnc: true, cpuModel: 'Nehalem', hostDevices: [{ usb: '0781:5567' }] })).toEqual([]);
    expect(unsupported({ ...DOMAIN, tpm: true, firmware: 'uefi' }, parseXml('<domainCapabilities/>'))).toEqual([]);
  });
});
