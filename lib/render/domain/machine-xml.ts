import type { DomainDefinition } from '../../model';
import { element, type XmlElement } from '../xml';
import * as defaults from './defaults';
import { networkSource } from './disk';
import { firmwareFeatures, isUefi, TPM } from './firmware';

/** What the guest starts on: the machine and its firmware, which libvirt chooses by what is asked of it. */
export function osXml(spec: DomainDefinition): XmlElement {
  const type = element('type', { arch: 'x86_64', machine: defaults.machineOf(spec) }, 'hvm');
  if (!isUefi(spec)) return element('os', {}, type);
  const features = firmwareFeatures(spec).map(({ name, enabled }) => element('feature', { enabled, name }));
  const source = spec.nvram === undefined ? undefined : networkSource(spec.nvram, spec, true);
  const nvram = source && element('nvram', { type: 'network' }, source);
  return element('os', { firmware: 'efi' }, type, element('firmware', {}, ...features), nvram);
}

export function tpmXml({ tpm }: DomainDefinition): XmlElement | undefined {
  if (!tpm) return undefined;
  return element('tpm', { model: TPM.model }, element('backend', { type: TPM.type, version: TPM.version }));
}

export function vcpusXml(spec: DomainDefinition): XmlElement {
  const maximum = spec.maxVcpus ?? spec.vcpus;
  const current = maximum === spec.vcpus ? undefined : spec.vcpus;
  return element('vcpu', { placement: 'static', current }, String(maximum));
}

export function cpuXml(spec: DomainDefinition): XmlElement | undefined {
  const cpu = defaults.cpuOf(spec);
  if (cpu === undefined) return undefined;
  const match = cpu.mode === 'custom' ? 'exact' : undefined;
  const model = cpu.model === undefined ? undefined : element('model', { fallback: 'forbid' }, cpu.model);
  return element('cpu', { mode: cpu.mode, match }, model);
}
