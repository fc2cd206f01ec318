import { Construct } from 'constructs';
import { ValidationError } from '../lib/errors';
import { addressesOf, claim, CommandResource } from '../lib/terraform';
import { type Rule, validate } from '../lib/validation';
import { CephCluster } from './ceph-cluster';
import { claimForWriting, grantForDisk } from './image-access';
import { LibvirtHost } from './libvirt-host';
import { RbdBackedVm } from './rbd-backed-vm';
import { vmNameRules } from './rbd-backed-vm-rules';
import { RbdImage } from './rbd-image';
import { diskSpec, isReadOnly, type AttachedDisk, type VmDiskProps } from './vm-disk';
import { diskRules, diskSetRules } from './vm-disk-rules';
import type { ILibvirtCephSecret, IRbdImage } from './interfaces';

/** Properties of an `RbdDiskAttachment`. */
export interface RbdDiskAttachmentProps {
  /** The secret whose host and client the disk uses. */
  readonly secret: ILibvirtCephSecret;
  /** The name of a VM that this stack did not create. */
  readonly vmName: string;
  /** The disk: an `image`, and its `target`. Another target is another disk. */
  readonly disk: VmDiskProps;
}

/**
 * An RBD disk for a VM that this stack did not create: attached while the VM runs, and kept across restarts.
 *
 * @example
 * new RbdDiskAttachment(this, 'scratch', { secret, vmName: 'legacy', disk: { image, target: 'vdb' } });
 */
export class RbdDiskAttachment extends Construct {
  /** @internal */
  public readonly _address: string;

  constructor(scope: Construct, id: string, props: RbdDiskAttachmentProps) {
    super(scope, id);
    const { secret, vmName, disk } = props;
    validate(this, attachmentRules(vmName, disk));
    const host = LibvirtHost._of(secret.host, this);
    const cluster = CephCluster._of(secret.client.cluster, this);
    const attached: AttachedDisk = { image: disk.image as IRbdImage, target: disk.target as string, props: disk };
    validate(this, diskSetRules([], attached, secret.client));
    claim(this, `the disk '${attached.target}' of the VM '${vmName}' on ${host._spec().uri}`, 'choose another target');
    claimForWriting(this, attached.image, disk);
    grantForDisk(secret.client, attached.image, isReadOnly(disk));
    const { target, image } = attached;
    RbdImage._tryOurs(image)?._addUser(() => ({ host: host._spec(), domain: vmName, target }));
    const place = { domain: vmName, target };
    this._address = new CommandResource(this, {
      kind: 'disk',
      entry: host._disks.add(`${vmName}/${target}`, () => ({ host: host._spec(), ...place, image: image.spec })),
      fields: () => {
        this.refuseOwnVm(host, vmName);
        const { monitors } = secret.client.cluster;
        const access = { monitors, clientId: secret.client.clientId, secretUsage: secret.usage };
        return { ...place, disk: diskSpec(attached), ...access };
      },
      context: () => ({ host: host._spec(), cluster: cluster._spec() }),
      after: () => addressesOf(secret.client, secret, image),
    }).confirmed;
  }

  /** At synth, because the VM's construct may be created after its attachment. */
  private refuseOwnVm(host: LibvirtHost, vmName: string): void {
    const vm = RbdBackedVm._inStack(this, host, vmName);
    if (vm === undefined) return;
    const message = `'vmName' must name a VM that this stack did not create, got '${vmName}', which is '${vm.node.path}'; use its addDisk`;
    throw ValidationError.of(this, 'attachment-own-vm', message);
  }
}

function attachmentRules(vmName: string, disk: VmDiskProps): Rule[] {
  return [
    ...vmNameRules(vmName),
    ...diskRules(disk),
    {
      code: 'attachment-image',
      broken: disk.image === undefined || disk.target === undefined,
      message: `'disk' must have an 'image' and a 'target', got ${disk.target === undefined ? 'no target' : 'no image'}; create an RbdImage and use, for example, 'vdb'`,
    },
    {
      code: 'attachment-io-thread',
      broken: disk.ioThread === true,
      message:
        "'ioThread' must be omitted, because a VM's threads belong to its own definition; have its creator add one",
    },
  ];
}
