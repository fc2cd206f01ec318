import type { DomainSpec } from '../../model';
import { architectureOf, machineOf } from '../../render/domain/defaults';
import { isUefi, tpmOf } from '../../render/domain/firmware';
import { attributeAt, findAll, parseXml, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import { Refusal, type Tools } from '../tools';

/** Refuses what the host's libvirt and QEMU do not support, before anything is defined or stopped. */
export async function refuseUnsupported(spec: DomainSpec, tools: Tools): Promise<void> {
  const { host, name, domainType } = spec;
  const [arch, machine] = [architectureOf(spec), machineOf(spec)];
  const asked = ['--virttype', domainType, '--arch', arch, '--machine', machine];
  const { exitCode, stdout, stderr } = await tools.attempt(virsh(host, 'domcapabilities', ...asked));
  if (exitCode !== 0) {
    throw new Refusal(
      `VM '${name}' needs the machine type '${machine}' of ${arch} with ${domainType}, which its host does not have (${stderr.trim().split('\n').join(' | ')})`,
      `'virsh capabilities' lists what it has; install QEMU for ${arch} there, or choose another 'machineType', 'architecture' or 'domainType'`,
      'host-cannot',
    );
  }
  const missing = unsupported(spec, parseXml(stdout));
  if (missing.length === 0) return;
  throw new Refusal(
    `VM '${name}' needs what its host does not support: ${missing.join('; ')}`,
    `'virsh domcapabilities ${asked.join(' ')}' shows what it supports; choose other props, or upgrade the host`,
    'host-cannot',
  );
}

/**
 * What the host lacks, in words. An element that libvirt does not report (newer releases report more) does not lead to
 * a refusal.
 */
export function unsupported(spec: DomainSpec, capabilities: XmlElement): string[] {
  const lacks = (path: string, name: string, value: string): boolean => {
    const all = findAll(capabilities, `${path}/enum`).filter(({ attributes }) => attributes['name'] === name);
    return all.length > 0 && !all.some((one) => findAll(one, 'value').some((found) => textOf(found) === value));
  };
  const secure = spec.firmware === 'uefi-secure-boot';
  const tpm = tpmOf(spec);
  const faults: readonly (readonly [broken: boolean, text: string])[] = [
    [isUefi(spec) && lacks('os', 'firmware', 'efi'), 'UEFI (it has no description of a firmware; Debian: ovmf)'],
    [secure && lacks('os/loader', 'secure', 'yes'), 'secure boot'],
    ...Object.values(spec.disks).map(({ bus }) => [lacks('devices/disk', 'bus', bus), `disks on ${bus}`] as const),
    [spec.vnc === true && lacks('devices/graphics', 'type', 'vnc'), 'VNC'],
    [spec.spice === true && lacks('devices/graphics', 'type', 'spice'), 'SPICE'],
    [
      spec.tpm === true && (isOff(capabilities, 'tpm') || lacks('devices/tpm', 'backendModel', tpm.type)),
      'an emulated TPM (Debian: swtpm, swtpm-tools)',
    ],
    [spec.rng !== false && isOff(capabilities, 'rng'), 'a virtio random number generator'],
    ...(spec.hostDevices ?? []).map(({ pci, usb }) => {
      const type = pci === undefined ? 'usb' : 'pci';
      const what = pci ?? usb;
      // libvirt reports nothing about mediated devices.
      return [
        what !== undefined && lacks('devices/hostdev', 'subsysType', type),
        `${type} devices of the host`,
      ] as const;
    }),
    ...cpuFaults(spec, capabilities),
  ];
  return [...new Set(faults.filter(([broken]) => broken).map(([, text]) => text))];
}

function textOf({ children }: XmlElement): string {
  return children.filter((child) => typeof child === 'string').join('');
}

function isOff(capabilities: XmlElement, device: string): boolean {
  return attributeAt(capabilities, `devices/${device}`, 'supported') === 'no';
}

function cpuFaults(
  { cpuMode, cpuModel, domainType }: DomainSpec,
  capabilities: XmlElement,
): (readonly [boolean, string])[] {
  const modes = findAll(capabilities, 'cpu/mode');
  const mode = (name: string | undefined) => modes.find(({ attributes }) => attributes['name'] === name);
  const models = findAll(mode('custom') ?? capabilities, 'model');
  const model = models.find((one) => textOf(one) === cpuModel);
  const isKnown =
    models.length === 0 || (model !== undefined && !(domainType === 'kvm' && model.attributes['usable'] === 'no'));
  return [
    [mode(cpuMode)?.attributes['supported'] === 'no', `the CPU mode '${cpuMode}'`],
    [cpuModel !== undefined && !isKnown, `the CPU model '${cpuModel}'`],
  ];
}
