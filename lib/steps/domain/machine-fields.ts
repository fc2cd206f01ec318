import { IGNITION_CONFIG } from '../../render/domain/defaults';
import { attributeAt, find, findAll, textAt, type XmlElement } from '../../render/xml';

/**
 * The kind of firmware, by what was asked for: libvirt (9.0) writes the files that it chose into the running XML, and
 * later releases also into the definition; neither is anybody's change.
 */
export function firmwareText(domain: XmlElement): string {
  const features = findAll(domain, 'os/firmware/feature');
  const has = (name: string) =>
    features.some(({ attributes }) => attributes['name'] === name && attributes['enabled'] === 'yes');
  const loader = find(domain, 'os/loader')?.attributes;
  const secure = features.length > 0 ? has('secure-boot') : loader?.['secure'] === 'yes';
  const uefi = attributeAt(domain, 'os', 'firmware') === 'efi' || features.length > 0 || loader?.['type'] === 'pflash';
  if (!uefi) return 'bios';
  if (!secure) return 'uefi';
  return features.length > 0 && !has('enrolled-keys') ? 'uefi-secure-boot without keys' : 'uefi-secure-boot';
}

/** The fw_cfg entry that Ignition reads. */
export function ignitionEntry(domain: XmlElement): XmlElement | undefined {
  return findAll(domain, 'sysinfo/entry').find(({ attributes }) => attributes['name'] === IGNITION_CONFIG);
}

export function topologyText(found: XmlElement | undefined): string | undefined {
  if (found === undefined) return undefined;
  return ['sockets', 'cores', 'threads'].map((name) => `${found.attributes[name] ?? '1'} ${name}`).join(', ');
}

export function cpuFeatures(domain: XmlElement): string | undefined {
  const all = findAll(domain, 'cpu/feature').map(({ attributes }) => `${attributes['policy']} ${attributes['name']}`);
  return all.length > 0 ? all.sort().join(', ') : undefined;
}

export function cpuText(element: XmlElement | undefined): string | undefined {
  const mode = element?.attributes['mode'];
  const model = element && textAt(element, 'model');
  return model === undefined ? mode : `${mode ?? 'custom'} ${model}`;
}
