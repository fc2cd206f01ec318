import type { DomainDefinition } from '../../model';
import type { DomainArguments } from '../../provider-libvirt/generated';
import { kibibytes } from './provider-amounts';
import * as defaults from './defaults';
import { firmwareFeatures, isUefi } from './firmware';

export function os(spec: DomainDefinition): DomainArguments['os'] {
  const typeArch = defaults.architectureOf(spec);
  const machine = { type: 'hvm', typeArch, typeMachine: defaults.machineOf(spec) };
  if (!isUefi(spec)) return machine;
  const firmwareInfo = { features: firmwareFeatures(spec).map((one) => ({ ...one })) };
  return { ...machine, firmware: 'efi', firmwareInfo };
}

export function sysInfo({ ignitionFile }: DomainDefinition): DomainArguments['sysInfo'] {
  if (ignitionFile === undefined) return undefined;
  // The provider (0.9.7) also requires a value; libvirt treats an empty one as none.
  return [{ fwCfg: { entry: [{ name: defaults.IGNITION_CONFIG, file: ignitionFile, value: '' }] } }];
}

export function memoryBacking({ hugePageSize }: DomainDefinition): DomainArguments['memoryBacking'] {
  if (hugePageSize === undefined) return undefined;
  return { memoryHugePages: { hugepages: [{ size: kibibytes(hugePageSize), unit: 'KiB' }] } };
}

export function cpu(spec: DomainDefinition): DomainArguments['cpu'] {
  const cpu = defaults.cpuOf(spec);
  const { cpuTopology: topology, cpuFeatures: features } = spec;
  if (cpu === undefined && topology === undefined && features === undefined) return undefined;
  return {
    mode: cpu?.mode,
    match: cpu?.mode === 'custom' ? 'exact' : undefined,
    model: cpu?.model,
    modelFallback: cpu?.model === undefined ? undefined : 'forbid',
    topology: topology && { ...topology },
    features: features && Object.entries(features).map(([name, on]) => ({ name, policy: on ? 'require' : 'disable' })),
  };
}
