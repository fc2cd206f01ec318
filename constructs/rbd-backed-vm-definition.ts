import { stableUuid, type DiskSpec, type DomainDefinition, type DomainSpec } from '../lib/model';
import type { NetworkInterfaceSpec, XmlFragment } from '../lib/model';
import type { LibvirtHost } from './libvirt-host';
import { isX86 } from './rbd-backed-vm-machine-rules';
import { Firmware, RestartPolicy, type RbdBackedVmProps } from './rbd-backed-vm-props';
import { diskSpec, type AttachedDisk } from './vm-disk';
import type { ILibvirtCephSecret } from './interfaces';

const SHUTDOWN_TIMEOUT = '2 minutes';

/** A VM as its construct holds it: its props, and what has been added since. */
export interface VmParts extends Omit<RbdBackedVmProps, 'storage' | 'secret' | 'vmName'> {
  readonly vmName: string;
  readonly host: LibvirtHost;
  readonly secret: ILibvirtCephSecret;
  readonly attached: readonly AttachedDisk[];
  readonly interfaces: readonly NetworkInterfaceSpec[];
  readonly fragments: readonly XmlFragment[];
}

/** What either driver makes libvirt's definition of the VM from. */
export function vmDefinition(vm: VmParts): DomainDefinition {
  const { description, vcpus, maxVcpus, ignitionFile, serialLogFile, vnc, spice, guestAgent, rng, watchdog } = vm;
  return {
    name: vm.vmName,
    uuid: stableUuid('domain', vm.vmName),
    description,
    domainType: vm.domainType ?? vm.host._domainType,
    ...vmMachine(vm),
    vcpus,
    maxVcpus,
    memory: vm.memory.toString(),
    maxMemory: vm.maxMemory?.toString(),
    disks: diskSpecs(vm),
    networkInterfaces: vm.interfaces,
    monitors: vm.secret.client.cluster.monitors,
    clientId: vm.secret.client.clientId,
    secretUsage: vm.secret.usage,
    ignitionFile,
    serialLogFile,
    vnc,
    spice,
    guestAgent,
    rng,
    watchdog,
    hostDevices: vm.hostDevices?.map((device) => device._spec()),
    xml: vm.fragments.length > 0 ? vm.fragments : undefined,
  };
}

type Machine =
  'architecture' | 'machineType' | 'firmware' | 'enrolledKeys' | 'nvram' | 'tpm' | 'hugePageSize' | 'ballooning';
type Cpu = 'cpuMode' | 'cpuModel' | 'cpuTopology' | 'cpuFeatures';

function vmMachine(vm: VmParts): Pick<DomainDefinition, Machine | Cpu> {
  const { architecture, machineType, firmware, enrolledKeys, nvram, tpm, hugePageSize, ballooning } = vm;
  const { cpuMode, cpuModel, cpuTopology: topology, cpuFeatures } = vm;
  return {
    architecture,
    machineType,
    firmware,
    enrolledKeys,
    nvram: nvram?.spec,
    tpm,
    hugePageSize: hugePageSize?.toString(),
    ballooning,
    cpuMode,
    cpuModel,
    cpuTopology: topology && { sockets: 1, cores: 1, threads: 1, ...topology },
    cpuFeatures,
  };
}

/**
 * By target. The root disk boots unless a device has a boot index. It must be marked here, because Terraform sorts the
 * targets.
 */
function diskSpecs({ attached, interfaces }: VmParts): { [target: string]: DiskSpec } {
  const all = [...attached.map(({ props }) => props), ...interfaces];
  const ordered = all.some(({ bootIndex }) => bootIndex !== undefined);
  const specs = attached.map((disk, index) => {
    const spec = diskSpec(disk);
    return [disk.target, index === 0 && !ordered ? { ...spec, bootIndex: 1 } : spec] as const;
  });
  return Object.fromEntries(specs);
}

/** Whether the VM runs now, and starts with its host. */
export function vmState({
  running = true,
  autostart = false,
}: RbdBackedVmProps): Pick<DomainSpec, 'running' | 'autostart'> {
  return { running, autostart };
}

/** How the VM is stopped if needed. */
export function atRestart(props: RbdBackedVmProps): Pick<DomainSpec, 'shutdownTimeout' | 'restartPolicy'> {
  const { restartPolicy = RestartPolicy.NEXT_BOOT } = props;
  return { shutdownTimeout: props.shutdownTimeout?.toString() ?? SHUTDOWN_TIMEOUT, restartPolicy };
}

/**
 * Of unchanged fields a plan shows only `id`, `name` and `tags` (Terraform 1.11): so `tags` says whether the VM
 * restarts.
 */
export function plannedRestart(props: RbdBackedVmProps): object {
  const restart = atRestart(props);
  return { ...restart, tags: { restartPolicy: restart.restartPolicy } };
}

/** The same with PROVIDER, where every change is a replace: what it resets in addition to the restart. */
export function plannedLoss({ architecture, firmware }: RbdBackedVmProps): object {
  const isUefi = (firmware ?? (isX86({ architecture }) ? Firmware.BIOS : Firmware.UEFI)) !== Firmware.BIOS;
  return isUefi ? { tags: { replaceResets: 'UEFI variables' } } : {};
}
