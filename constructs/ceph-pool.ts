import { Construct } from 'constructs';
import type { CephPoolSpec } from '../lib/model';
import { claim, CommandResource, lookup, register } from '../lib/terraform';
import { name, validate, wholeNumber, type Rule } from '../lib/validation';
import { CephClient } from './ceph-client';
import { CephCluster } from './ceph-cluster';
import { RemovalPolicy } from './removal-policy';
import type { ICephClient, ICephCluster, ICephPool } from './interfaces';

/** Properties of a `CephPool`. */
export interface CephPoolProps {
  readonly cluster: ICephCluster;
  /**
   * Letters, digits, '_', '.' and '-', up to 96. Another name is another pool; the first one is removed according to
   * its policy.
   * @default - the construct's id
   */
  readonly poolName?: string;
  /**
   * Placement groups, 1 to 65536. Raised on a change, never lowered; data moves in the background.
   * @default - the autoscaler decides
   */
  readonly pgNum?: number;
  /**
   * Whether Ceph may change the number of placement groups.
   * @default - PgAutoscaleMode.OFF if pgNum is given, otherwise Ceph's default
   */
  readonly autoscaleMode?: PgAutoscaleMode;
  /**
   * Start with many placement groups because much data is expected. Ceph 17 and later.
   * @default false
   */
  readonly bulk?: boolean;
  /**
   * Replicas, 1 to 10. Raised on a change, never lowered.
   * @default - Ceph's `osd_pool_default_size`
   */
  readonly size?: number;
  /**
   * Minimum replicas for a write, 1 to `size`. Raised on a change, never lowered.
   * @default - Ceph's `osd_pool_default_min_size`
   */
  readonly minSize?: number;
  /**
   * Name of the CRUSH rule. When it changes, data moves in the background.
   * @default - Ceph's default
   */
  readonly crushRule?: string;
  /**
   * Manage an existing pool of that name, and keep its data.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * RETAIN or DELETE. A pool that holds images is never deleted.
   * @default RemovalPolicy.RETAIN
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Identifies a pool that something else manages. */
export interface CephPoolAttributes {
  readonly cluster: ICephCluster;
  readonly poolName: string;
}

abstract class CephPoolBase extends Construct implements ICephPool {
  public abstract readonly cluster: ICephCluster;
  public abstract readonly poolName: string;

  public grantReadWrite(client: ICephClient): void {
    CephClient._ours(client, this)._grant(this, 'rbd');
  }

  public grantReadOnly(client: ICephClient): void {
    CephClient._ours(client, this)._grant(this, 'rbd-read-only');
  }
}

/**
 * A pool for RBD images, created and initialized for RBD. Its numbers are only ever raised.
 *
 * @see https://docs.ceph.com/en/latest/rados/operations/pools/
 * @example
 * const pool = new CephPool(this, 'vms', { cluster: ceph, pgNum: 128, size: 3 });
 * pool.grantReadWrite(client);
 */
export class CephPool extends CephPoolBase {
  /** An existing pool that this stack does not manage. */
  public static fromPoolName(scope: Construct, id: string, attrs: CephPoolAttributes): ICephPool {
    return new ImportedCephPool(scope, id, attrs);
  }

  /** @internal The pool of that name in this stack, managed or not. */
  public static _inStack(scope: Construct, cluster: CephCluster, poolName: string): ICephPool | undefined {
    return lookup<CephPoolBase>(scope, `pool ${cluster._identity} ${poolName}`);
  }

  public readonly cluster: ICephCluster;
  public readonly poolName: string;
  /** @internal */
  public readonly _address: string;

  constructor(scope: Construct, id: string, props: CephPoolProps) {
    super(scope, id);
    const cluster = CephCluster._of(props.cluster, this);
    this.cluster = cluster;
    this.poolName = props.poolName ?? id;
    validate(this, rules(this.poolName, props));
    claim(this, `the pool '${this.poolName}' of ${cluster._identity}`, 'use one of the two, or CephPool.fromPoolName');
    register(this, `pool ${cluster._identity} ${this.poolName}`);
    const entry = cluster._pools.add(this.poolName, () => ({
      cluster: cluster._spec(),
      name: this.poolName,
      removalPolicy: props.removalPolicy ?? RemovalPolicy.RETAIN,
    }));
    this._address = new CommandResource(this, {
      kind: 'ceph-pool',
      entry,
      fields: () => this.fields(props),
      context: () => ({ cluster: cluster._spec() }),
      after: () => [],
    }).confirmed;
  }

  private fields(props: CephPoolProps): Partial<CephPoolSpec> {
    const { pgNum, autoscaleMode, bulk, size, minSize, crushRule, adopt } = props;
    return { name: this.poolName, pgNum, autoscaleMode, bulk, size, minSize, crushRule, adopt };
  }
}

class ImportedCephPool extends CephPoolBase {
  public readonly cluster: ICephCluster;
  public readonly poolName: string;

  constructor(scope: Construct, id: string, attrs: CephPoolAttributes) {
    super(scope, id);
    const cluster = CephCluster._of(attrs.cluster, this);
    this.cluster = cluster;
    this.poolName = attrs.poolName;
    validate(this, [name('poolName', this.poolName, 'cephName')]);
    register(this, `pool ${cluster._identity} ${this.poolName}`);
  }
}

function rules(poolName: string, props: CephPoolProps): Rule[] {
  const { pgNum, size, minSize, crushRule, removalPolicy } = props;
  return [
    name('poolName', poolName, 'cephName'),
    name('crushRule', crushRule, 'cephName'),
    wholeNumber('pgNum', pgNum, 1, 65_536, 'omit it for the autoscaler'),
    wholeNumber('size', size, 1, 10, 'Ceph advises 3'),
    wholeNumber(
      'minSize',
      minSize,
      1,
      size !== undefined && Number.isInteger(size) && size > 0 ? size : 10,
      'Ceph advises 2',
    ),
    {
      code: 'pool-removal-policy',
      broken: removalPolicy === RemovalPolicy.TRASH,
      message: `'removalPolicy' of a pool must be RETAIN or DELETE, got TRASH, which is only for images; use RETAIN`,
    },
  ];
}

/** Whether Ceph may change a pool's number of placement groups. */
export enum PgAutoscaleMode {
  /** Ceph changes it. */
  ON = 'on',
  /** Ceph only warns when it would change it. */
  WARN = 'warn',
  /** Ceph leaves it. */
  OFF = 'off',
}
