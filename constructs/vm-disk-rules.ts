import { sameCluster, DISK_TARGET } from '../lib/model';
import { scsiControllerOf } from '../lib/render/domain/disk-defaults';
import { known, sizeAboveZero, wholeNumber, type Rule } from '../lib/validation';
import { qosRules } from './vm-disk-qos-rules';
import { busOf, DiskBus, type AttachedDisk, type VmDiskProps } from './vm-disk';
import type { ICephClient } from './interfaces';

/** The rules for a VM's boot disk. */
export function rootDiskRules(disk: VmDiskProps, machine: string): Rule[] {
  return [
    ...sharedDiskRules(disk),
    ...busRules(disk, machine),
    {
      code: 'root-disk-image',
      broken: disk.image === undefined && disk.source === undefined && disk.size === undefined,
      message:
        "'rootDisk' must have an 'image', a 'source' or a 'size', got none; usually it is an ImageSource.clone of a golden image",
    },
  ];
}

/** The rules for a data disk by itself; the machine of a VM of another stack is unknown. */
export function diskRules(disk: VmDiskProps, machine?: string): Rule[] {
  return [
    ...sharedDiskRules(disk),
    ...busRules(disk, machine),
    {
      code: 'disk-target-missing',
      broken: disk.image === undefined && disk.target === undefined,
      message:
        "'target' must be given for a data disk that creates its image, got none; use, for example, 'vdb': its image is then always '<vm>-vdb'",
    },
  ];
}

function sharedDiskRules(disk: VmDiskProps): Rule[] {
  const { image, source, size, target, bootIndex, qos } = disk;
  return [
    {
      code: 'disk-image-or-source',
      broken: image !== undefined && (source !== undefined || size !== undefined),
      message: "'image' must not be combined with 'source' or 'size', which belong to the image; remove them",
    },
    sizeAboveZero('size', size),
    {
      code: 'disk-target-form',
      broken: known(target) && !DISK_TARGET.test(target),
      message: `'target' must be 'vd', 'sd', 'hd' or 'xvd' and one or two letters, got ${JSON.stringify(target)}; use, for example, 'vdb'`,
    },
    wholeNumber('bootIndex', bootIndex, 1, 10_000, '1 boots first'),
    ...nameRules(disk),
    ...readOnlyRules(disk),
    ...threadRules(disk),
    ...(qos ? qosRules(qos) : []),
  ];
}

function nameRules({ serial, wwn, bus, cdrom }: VmDiskProps): Rule[] {
  const has = [DiskBus.SCSI, DiskBus.IDE].includes(busOf({ bus, cdrom }));
  return [
    {
      code: 'disk-serial-form',
      broken: known(serial) && !/^[A-Za-z0-9_-]{1,20}$/.test(serial),
      message: `'serial' must be 1 to 20 letters, digits, '_' or '-', got ${JSON.stringify(serial)}; shorten it`,
    },
    {
      code: 'disk-wwn',
      broken: wwn !== undefined && (!has || (known(wwn) && !/^[0-9a-fA-F]{16}$/.test(wwn))),
      message: `'wwn' must be 16 hexadecimal digits and requires the bus SCSI or IDE, got ${JSON.stringify(wwn)} on ${busOf({ bus, cdrom })}; use 'serial' on other buses`,
    },
  ];
}

function readOnlyRules({ cdrom, readOnly, bus }: VmDiskProps): Rule[] {
  return [
    {
      code: 'cdrom-writable',
      broken: cdrom === true && readOnly === false,
      message: "'readOnly' must not be false for a cdrom; omit it",
    },
    {
      code: 'cdrom-bus',
      broken: cdrom === true && bus === DiskBus.VIRTIO,
      message: "'bus' must be SATA, SCSI, IDE or USB for a cdrom, got virtio; omit it for SATA",
    },
    {
      code: 'read-only-bus',
      broken: readOnly === true && cdrom !== true && (bus === DiskBus.SATA || bus === DiskBus.IDE),
      message: `'readOnly' must not be used on the bus ${String(bus)}, which has no read-only disks; use VIRTIO, or a cdrom`,
    },
  ];
}

function threadRules({ bus, cdrom, ioThread, queues }: VmDiskProps): Rule[] {
  const on = busOf({ bus, cdrom });
  return [
    {
      code: 'io-thread-bus',
      broken: ioThread === true && on !== DiskBus.VIRTIO && on !== DiskBus.SCSI,
      message: `'ioThread' requires the bus VIRTIO or SCSI, got ${on}; omit it`,
    },
    wholeNumber('queues', queues, 1, 256, 'omit it for one per virtual CPU'),
    {
      code: 'queues-bus',
      broken: queues !== undefined && on !== DiskBus.VIRTIO && !(on === DiskBus.SCSI && ioThread === true),
      message: `'queues' requires the bus VIRTIO, or SCSI with an 'ioThread', got ${on}; omit it`,
    },
  ];
}

function busRules(disk: VmDiskProps, machine: string | undefined): Rule[] {
  const bus = busOf(disk);
  const pc = machine === 'pc' || (machine ?? '').startsWith('pc-i440fx');
  const virt = /^virt(-|$)/.test(machine ?? '');
  return [
    {
      code: 'disk-bus-xen',
      broken: bus === DiskBus.XEN,
      message: "'bus' must not be XEN, which only Xen hosts have; these VMs run on QEMU or KVM; use VIRTIO",
    },
    {
      code: 'disk-bus-machine',
      broken: bus === DiskBus.IDE && known(machine) && !pc,
      message: `'bus' must not be IDE with the machine '${machine ?? ''}', which has none; use ${virt ? 'SCSI' : "SATA, or the machineType 'pc'"}`,
    },
    {
      code: 'disk-bus-machine',
      broken: bus === DiskBus.SATA && virt,
      message: `'bus' must not be SATA with the machine '${machine ?? ''}', which has none; use SCSI`,
    },
  ];
}

/** The rules for a disk together with the VM's other disks. */
export function diskSetRules(others: readonly AttachedDisk[], disk: AttachedDisk, client: ICephClient): Rule[] {
  const letters = (one: AttachedDisk): string => one.target.replace(/^(vd|sd|hd|xvd)/, '');
  const clash = others.find((one) => busOf(one.props) === busOf(disk.props) && letters(one) === letters(disk));
  const crowd = others.find((one) => sharesController(one, disk));
  return [
    {
      code: 'disk-target-twice',
      broken: others.some(({ target }) => target === disk.target),
      message: `'target' must be unique, got '${disk.target}' twice; give one of the two another target`,
    },
    {
      code: 'disk-address-twice',
      broken: clash !== undefined && clash.target !== disk.target,
      message: `'target' must end in letters that no other disk has on the bus ${busOf(disk.props)}, got '${disk.target}' beside '${clash?.target ?? ''}'; libvirt would give both the same address`,
    },
    {
      code: 'scsi-controller-shared',
      broken: crowd !== undefined,
      message: `'ioThread' on SCSI requires a disk that is alone on its controller, got ${disk.target} beside ${crowd?.target ?? ''}; use the targets sda, sdh, sdo, which have one each`,
    },
    {
      code: 'disk-cluster',
      broken: !sameCluster(disk.image.pool.cluster, client.cluster),
      message: `'image' must be of the client's cluster '${client.cluster.node.path}', got one of '${disk.image.pool.cluster.node.path}'; use a client there`,
    },
  ];
}

/** The rule for a boot index together with those of the other devices. */
export function bootRules(index: number | undefined, others: readonly { readonly bootIndex?: number }[]): Rule[] {
  return [
    {
      code: 'boot-index-twice',
      broken: known(index) && others.some(({ bootIndex }) => bootIndex === index),
      message: `'bootIndex' must be unique, got ${String(index)} twice; use the next number`,
    },
  ];
}

type TargetDisk = Pick<AttachedDisk, 'target' | 'props'>;

/** True if one of the two needs the controller for itself. */
export function sharesController(a: TargetDisk, b: TargetDisk): boolean {
  if (
    [a, b].some(({ target, props }) => !known(target) || busOf(props) !== DiskBus.SCSI) ||
    ![a, b].some(({ props }) => props.ioThread)
  ) {
    return false;
  }
  return scsiControllerOf(a.target) === scsiControllerOf(b.target);
}
