import type { DomainDefinition, DomainSpec } from '../../model';
import type { DomainArguments } from '../../provider-libvirt/generated';
import { type ProviderMonitor, providerMonitor } from '../provider-monitor';
import { kibibytes, seconds } from './provider-amounts';
import * as defaults from './defaults';
import * as diskDefaults from './disk-defaults';
import { devices } from './provider-devices';
import { cpu, memoryBacking, os, sysInfo } from './provider-machine';

/**
 * A definition as arguments of the Terraform provider's domain, so that libvirt gets the same as from `domainXml`,
 * except for the UUID, which the provider chooses (0.9.7). It starts nothing, neither now nor with the host. `mark`
 * says who owns it and may contain expressions. Texts are as given: whoever passes them to Terraform escapes them.
 */
export function providerDomain(
  spec: DomainDefinition & Pick<DomainSpec, 'shutdownTimeout'>,
  mark: string,
  monitorOf: (text: string) => ProviderMonitor = providerMonitor,
): DomainArguments {
  const threads = diskDefaults.ioThreads(spec);
  const maximum = spec.maxVcpus ?? spec.vcpus;
  return {
    name: spec.name,
    type: spec.domainType,
    description: spec.description,
    metadata: { xml: markXml(mark) },
    memory: kibibytes(spec.maxMemory ?? spec.memory),
    memoryUnit: 'KiB',
    currentMemory: kibibytes(spec.memory),
    currentMemoryUnit: 'KiB',
    vcpu: maximum,
    vcpuPlacement: 'static',
    vcpuCurrent: spec.maxVcpus === undefined || maximum === spec.vcpus ? undefined : spec.vcpus,
    ioThreads: threads.length > 0 ? threads.length : undefined,
    ioThreadIDs: threads.length > 0 ? { ioThreads: threads.map((id) => ({ id })) } : undefined,
    os: os(spec),
    sysInfo: sysInfo(spec),
    features: { acpi: true, apic: defaults.isX86(spec) ? {} : undefined },
    memoryBacking: memoryBacking(spec),
    cpu: cpu(spec),
    clock: { offset: 'utc' },
    devices: devices(spec, spec.monitors.map(monitorOf)),
    // Without it the provider switches the VM off at once; with it, a guest that takes longer is an error.
    destroy: { shutdown: { timeout: seconds(spec.shutdownTimeout) } },
  };
}

function markXml(mark: string): string {
  const data = mark.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<mark:mark xmlns:mark="${defaults.MARK_NAMESPACE}">${data}</mark:mark>`;
}
