import { type DomainDefinition, kibibytes } from '../../model';
import { element, type XmlElement } from '../xml';
import * as defaults from './defaults';
import { networkSource } from './disk-xml';
import { firmwareFeatures, isUefi } from './firmware';

/** The machine and its firmware, which libvirt chooses by the requested features. */
export function osXml(spec: DomainDefinition): XmlElement {
  const type = element('type', { arch: defaults.architectureOf(spec), machine: defaults.machineOf(spec) }, 'hvm');
  if (!isUefi(spec)) return element('os', {}, type);
  const features = firmwareFeatures(spec).map(({ name, enabled }) => element('feature', { enabled, name }));
  const source = spec.nvram === undefined ? undefined : networkSource(spec.nvram, spec, true);
  const nvram = source && element('nvram', { type: 'network' }, source);
  return element('os', { firmware: 'efi' }, type, element('firmware', {}, ...features), nvram);
}

export function fwCfgXml({ ignitionFile }: DomainDefinition): XmlElement | undefined {
  if (ignitionFile === undefined) return undefined;
  const entry = element('entry', { name: defaults.IGNITION_CONFIG, file: ignitionFile });
  return element('sysinfo', { type: 'fwcfg' }, entry);
}

export function featuresXml(spec: DomainDefinition): XmlElement {
  return element('features', {}, element('acpi'), defaults.isX86(spec) ? element('apic') : undefined);
}

export function memoryBackingXml({ hugePageSize }: DomainDefinition): XmlElement | undefined {
  if (hugePageSize === undefined) return undefined;
  const page = element('page', { size: kibibytes(hugePageSize), unit: 'KiB' });
  return element('memoryBacking', {}, element('hugepages', {}, page));
}

export function vcpusXml(spec: DomainDefinition): XmlElement {
  const maximum = spec.maxVcpus ?? spec.vcpus;
  const current = maximum === spec.vcpus ? undefined : spec.vcpus;
  return element('vcpu', { placement: 'static', current }, String(maximum));
}

export function cpuXml(spec: DomainDefinition): XmlElement | undefined {
  const cpu = defaults.cpuOf(spec);
  const { cpuTopology: topology, cpuFeatures: features } = spec;
  if (cpu === undefined && topology === undefined && features === undefined) return undefined;
  const match = cpu?.mode === 'custom' ? 'exact' : undefined;
  return element(
    'cpu',
    { mode: cpu?.mode, match },
    cpu?.model === undefined ? undefined : element('model', { fallback: 'forbid' }, cpu.model),
    topology && element('topology', { ...topology }),
    ...Object.entries(features ?? {}).map(([name, on]) =>
      element('feature', { policy: on ? 'require' : 'disable', name }),
    ),
  );
}
