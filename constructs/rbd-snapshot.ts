import { Construct } from 'constructs';
import { addressesOf, claim, CommandResource } from '../lib/terraform';
import { name, validate } from '../lib/validation';
import { CephCluster } from './ceph-cluster';
import { RemovalPolicy } from './removal-policy';
import type { IRbdImage, IRbdSnapshot } from './interfaces';

/** Created with the first clone of an image, and removed with that image; the scripts use this name. */
const CLONE_SNAPSHOT = 'cdktf-libvirt-ceph';

/** Properties of an `RbdSnapshot`. */
export interface RbdSnapshotProps {
  readonly image: IRbdImage;
  /**
   * Letters, digits, '_', '.' and '-', up to 96; not 'cdktf-libvirt-ceph', the snapshot that clones are made from.
   * @default - the construct's id
   */
  readonly snapshotName?: string;
  /**
   * RETAIN or DELETE.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Identifies an existing snapshot. */
export interface RbdSnapshotAttributes {
  readonly image: IRbdImage;
  readonly snapshotName: string;
}

/**
 * A snapshot of an RBD image at the time of the apply that creates it.
 *
 * @see https://docs.ceph.com/en/latest/rbd/rbd-snapshot/
 * @example
 * const golden = new RbdSnapshot(this, 'v1', { image: debian });
 * ImageSource.snapshot(golden);
 */
export class RbdSnapshot extends Construct implements IRbdSnapshot {
  /** An existing snapshot that this stack does not manage. */
  public static fromSnapshotName(scope: Construct, id: string, attrs: RbdSnapshotAttributes): IRbdSnapshot {
    return new ImportedRbdSnapshot(scope, id, attrs);
  }

  public readonly image: IRbdImage;
  public readonly snapshotName: string;
  /** @internal */
  public readonly _address: string;

  constructor(scope: Construct, id: string, props: RbdSnapshotProps) {
    super(scope, id);
    const { image } = props;
    const cluster = CephCluster._of(image.pool.cluster, this);
    this.image = image;
    this.snapshotName = props.snapshotName ?? id;
    const removalPolicy = props.removalPolicy ?? RemovalPolicy.RETAIN;
    validate(this, [
      name('snapshotName', this.snapshotName, 'cephName'),
      {
        code: 'snapshot-name-clones',
        broken: this.snapshotName === CLONE_SNAPSHOT,
        message: `'snapshotName' must not be '${CLONE_SNAPSHOT}', the snapshot that clones are made from; choose another name`,
      },
      {
        code: 'snapshot-removal-policy',
        broken: removalPolicy === RemovalPolicy.TRASH,
        message: `'removalPolicy' of a snapshot must be RETAIN or DELETE, got TRASH, which is only for images; use RETAIN`,
      },
    ]);
    const spec = `${image.spec}@${this.snapshotName}`;
    claim(
      this,
      `the snapshot '${spec}' of ${cluster._identity}`,
      'use one of the two, or RbdSnapshot.fromSnapshotName',
    );
    const identity = { pool: image.pool.poolName, image: image.imageName, name: this.snapshotName };
    this._address = new CommandResource(this, {
      kind: 'rbd-snapshot',
      entry: cluster._snapshots.add(spec, () => ({ cluster: cluster._spec(), ...identity, removalPolicy })),
      fields: () => identity,
      context: () => ({ cluster: cluster._spec() }),
      after: () => addressesOf(image),
    }).confirmed;
  }
}

class ImportedRbdSnapshot extends Construct implements IRbdSnapshot {
  public readonly image: IRbdImage;
  public readonly snapshotName: string;

  constructor(scope: Construct, id: string, attrs: RbdSnapshotAttributes) {
    super(scope, id);
    this.image = attrs.image;
    this.snapshotName = attrs.snapshotName;
    validate(this, [name('snapshotName', this.snapshotName, 'cephName')]);
  }
}
