import type { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { sameCluster, stableUuid, type StoragePoolDefinition } from '../lib/model';
import { Pool, type LibvirtProvider, type PoolArguments } from '../lib/provider-libvirt';
import { providerPool } from '../lib/render/provider-storage-pool';
import { addressesOf, addressOf, claim, claimAddress, CommandResource, escapeTree, ownerOf } from '../lib/terraform';
import { name, validate, type Rule } from '../lib/validation';
import { replacedBySpec } from './provider-domain';
import { CephClient } from './ceph-client';
import { CephCluster } from './ceph-cluster';
import { CephPool } from './ceph-pool';
import { LibvirtCephSecret } from './libvirt-ceph-secret';
import { LibvirtHost } from './libvirt-host';
import { lateMonitor, refuseLateList } from './monitor-expression';
import type { ICephClient, ICephCluster, ICephPool, ICephRbdStoragePool, ILibvirtCephSecret } from './interfaces';

/**
 * Properties of a `CephRbdStoragePool`: the long form (pool, client, secret) or the short form (cluster and poolName).
 */
export interface CephRbdStoragePoolProps {
  readonly host: LibvirtHost;
  /**
   * Letters, digits, '_', '.', '+' and '-', up to 96. Another name is another storage pool; no image is touched.
   * @default - the construct's id
   */
  readonly storagePoolName?: string;
  /**
   * Whether libvirt starts it when the host boots. VMs run without it.
   * @default true
   */
  readonly autostart?: boolean;
  /**
   * The long form, with `client` and `secret`.
   * @default - the short form
   */
  readonly pool?: ICephPool;
  /**
   * The long form, with `pool` and `secret`.
   * @default - the short form
   */
  readonly client?: ICephClient;
  /**
   * The long form, with `pool` and `client`.
   * @default - the short form
   */
  readonly secret?: ILibvirtCephSecret;
  /**
   * The short form: uses the stack's pool, client and secret if it has them, and otherwise creates them as children
   * `pool`, `client` and `secret` of this construct.
   * @default - the long form
   */
  readonly cluster?: ICephCluster;
  /**
   * The short form: the Ceph pool.
   * @default - the construct's id
   */
  readonly poolName?: string;
  /**
   * The short form: the cephx ID.
   * @default 'libvirt'
   */
  readonly clientId?: string;
}

/** Identifies a storage pool that something else manages. */
export interface CephRbdStoragePoolAttributes {
  readonly secret: ILibvirtCephSecret;
  readonly pool: ICephPool;
  readonly storagePoolName: string;
}

/**
 * A libvirt storage pool of type rbd: a view of a Ceph pool for VM managers and `virt-install`. It owns no image, and a
 * VM does not need it to run.
 *
 * @see https://libvirt.org/storage.html#rbd-pool
 * @example
 * new CephRbdStoragePool(this, 'storage', { host, cluster: ceph, poolName: 'libvirt-pool' });
 */
export class CephRbdStoragePool extends Construct implements ICephRbdStoragePool {
  /** An existing storage pool that this stack does not manage. */
  public static fromStoragePoolName(
    scope: Construct,
    id: string,
    attrs: CephRbdStoragePoolAttributes,
  ): ICephRbdStoragePool {
    return new ImportedStoragePool(scope, id, attrs);
  }

  public readonly storagePoolName: string;
  public readonly pool: ICephPool;
  public readonly client: ICephClient;
  public readonly secret: ILibvirtCephSecret;
  public readonly host: LibvirtHost;
  /** The `libvirt_pool`, for what has no prop here; only with `LibvirtDriver.PROVIDER`. */
  public readonly poolResource?: TerraformResource;
  /** @internal */
  public readonly _address: string;

  constructor(scope: Construct, id: string, props: CephRbdStoragePoolProps) {
    super(scope, id);
    const host = LibvirtHost._of(props.host, this);
    this.host = host;
    this.storagePoolName = props.storagePoolName ?? id;
    validate(this, rules(this.storagePoolName, props));
    this.pool = props.pool ?? this.poolOf(props);
    this.client = props.client ?? this.clientOf(props);
    this.secret =
      props.secret ??
      LibvirtCephSecret._inStack(this, host, this.client) ??
      new LibvirtCephSecret(this, 'secret', { host, client: this.client });
    validate(this, sameHostRules(this));
    CephClient._tryOurs(this.client)?._grant(this.pool, 'rbd');
    claim(this, `the storage pool '${this.storagePoolName}' on ${host._spec().uri}`, 'choose another storagePoolName');
    const entry = host._storagePools.add(this.storagePoolName, () => ({
      host: host._spec(),
      ...this.definition(),
    }));
    this._address = new CommandResource(this, {
      kind: 'storage-pool',
      entry,
      // A field, because the pool of the other driver must be undefined first.
      fields: () => ({ ...this.definition(), autostart: props.autostart ?? true, driver: host.driver }),
      context: () => ({ host: host._spec() }),
      after: () => addressesOf(this.pool, this.client, this.secret),
    }).confirmed;
    this.poolResource = host._provider && this.providerPool(host._provider, props.autostart ?? true);
  }

  private providerPool(provider: LibvirtProvider, autostart: boolean): TerraformResource {
    const logicalId = `${addressOf(this.host)}-${addressOf(this)}`;
    claimAddress(this, `libvirt_pool.${logicalId}`);
    refuseLateList(this, this.pool.cluster.monitors);
    const attributes = escapeTree(providerPool(this.definition(), autostart, lateMonitor)) as PoolArguments;
    const pool = new Pool(this, 'libvirt-pool', { ...attributes, ...replacedBySpec(provider, this._address) });
    pool.overrideLogicalId(logicalId);
    return pool;
  }

  private poolOf({ cluster, poolName }: CephRbdStoragePoolProps): ICephPool {
    const there = CephCluster._of(cluster as ICephCluster, this);
    const wanted = poolName ?? this.node.id;
    return CephPool._inStack(this, there, wanted) ?? new CephPool(this, 'pool', { cluster: there, poolName: wanted });
  }

  private clientOf({ cluster, clientId = 'libvirt' }: CephRbdStoragePoolProps): ICephClient {
    const there = CephCluster._of(cluster as ICephCluster, this);
    return CephClient._inStack(this, there, clientId) ?? new CephClient(this, 'client', { cluster: there, clientId });
  }

  private definition(): StoragePoolDefinition {
    const { project, stack } = ownerOf(this);
    return {
      name: this.storagePoolName,
      // It carries no mark: its UUID distinguishes it from one of the same name that another stack made.
      uuid: stableUuid('storage-pool', `${project}/${stack}/${this.storagePoolName}`),
      cephPool: this.pool.poolName,
      monitors: this.pool.cluster.monitors,
      clientId: this.client.clientId,
      secretUsage: this.secret.usage,
      secretUuid: LibvirtCephSecret._uuidOf(this.secret),
    };
  }
}

class ImportedStoragePool extends Construct implements ICephRbdStoragePool {
  public readonly storagePoolName: string;
  public readonly pool: ICephPool;
  public readonly client: ICephClient;
  public readonly secret: ILibvirtCephSecret;
  public readonly host: LibvirtHost;

  constructor(scope: Construct, id: string, attrs: CephRbdStoragePoolAttributes) {
    super(scope, id);
    this.storagePoolName = attrs.storagePoolName;
    this.pool = attrs.pool;
    this.secret = attrs.secret;
    this.client = attrs.secret.client;
    this.host = attrs.secret.host;
    validate(this, [name('storagePoolName', this.storagePoolName, 'libvirtName')]);
  }
}

function rules(storagePoolName: string, props: CephRbdStoragePoolProps): Rule[] {
  const long = [props.pool, props.client, props.secret].filter((one) => one !== undefined).length;
  const short = [props.cluster, props.poolName, props.clientId].filter((one) => one !== undefined).length;
  return [
    name('storagePoolName', storagePoolName, 'libvirtName'),
    {
      code: 'storage-pool-ways',
      broken: !(long === 3 && short === 0) && !(long === 0 && props.cluster !== undefined),
      message:
        "either 'pool', 'client' and 'secret' must be given, or 'cluster' with 'poolName' and 'clientId', " +
        `got ${given(props)}; use one of the two forms`,
    },
  ];
}

function sameHostRules({ host, pool, client, secret }: CephRbdStoragePool): Rule[] {
  return [
    {
      code: 'storage-pool-secret-host',
      broken: secret.host !== host,
      message: `'secret' must be on the storage pool's host '${host.node.path}', got one on '${secret.host.node.path}'; create a LibvirtCephSecret there`,
    },
    {
      code: 'storage-pool-secret-client',
      broken: secret.client.entity !== client.entity,
      message: `'secret' must hold the key of '${client.entity}', got that of '${secret.client.entity}'; use the secret of this client`,
    },
    {
      code: 'storage-pool-cluster',
      broken: !sameCluster(pool.cluster, client.cluster),
      message: `'client' must be of the pool's cluster '${pool.cluster.node.path}', got one of '${client.cluster.node.path}'; create a CephClient there`,
    },
  ];
}

function given(props: CephRbdStoragePoolProps): string {
  const ways = ['pool', 'client', 'secret', 'cluster', 'poolName', 'clientId'] as const;
  return (
    ways
      .filter((way) => props[way] !== undefined)
      .map((way) => `'${way}'`)
      .join(', ') || 'none of them'
  );
}
