import { Construct, type IConstruct } from 'constructs';
import { ValidationError } from '../lib/errors';
import { type CapsSpec, sameCluster } from '../lib/model';
import {
  addressesOf,
  setClassSymbol,
  claim,
  CommandResource,
  hasClassSymbol,
  lookup,
  register,
} from '../lib/terraform';
import { name, validate, wholeNumber, type Rule } from '../lib/validation';
import { CephCluster } from './ceph-cluster';
import { RemovalPolicy } from './removal-policy';
import type { ICephClient, ICephCluster, ICephPool } from './interfaces';

/** Properties of a `CephClient`. */
export interface CephClientProps {
  readonly cluster: ICephCluster;
  /**
   * The cephx ID, such as 'libvirt'; the entity 'client.libvirt' is refused. Another ID is another user.
   * @default - the construct's id
   */
  readonly clientId?: string;
  /**
   * 1 or more. A higher number makes a new key, immediately in Ceph and in every secret of this stack that holds it.
   * Running VMs keep running until their ticket ends (72 hours by default) and need a restart before that.
   * @default - the first key is kept
   */
  readonly keyGeneration?: number;
  /**
   * Manage an existing user of that ID, and keep its key and its other capabilities. Also sets the default of
   * `removalPolicy`: if you remove `adopt`, the default becomes DELETE, and the key would be lost.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * RETAIN or DELETE.
   * @default - RemovalPolicy.DELETE; RETAIN if adopted
   */
  readonly removalPolicy?: RemovalPolicy;
}

/** Identifies a user that something else manages. */
export interface CephClientAttributes {
  readonly cluster: ICephCluster;
  readonly clientId: string;
}

type Profile = 'rbd' | 'rbd-read-only';

/**
 * A cephx user with only the capabilities that its VMs need. Its key stays in Ceph and libvirt.
 *
 * @see https://docs.ceph.com/en/latest/rados/operations/user-management/
 * @example
 * const client = new CephClient(this, 'libvirt', { cluster: ceph });
 * pool.grantReadWrite(client);
 */
export class CephClient extends Construct implements ICephClient {
  /** An existing user that this stack does not manage; whoever manages it sets its capabilities. */
  public static fromClientId(scope: Construct, id: string, attrs: CephClientAttributes): ICephClient {
    return new ImportedCephClient(scope, id, attrs);
  }

  /** @internal The client, if this stack manages it. */
  public static _tryOurs(client: ICephClient): CephClient | undefined {
    return hasClassSymbol(client, 'CephClient') ? (client as CephClient) : undefined;
  }

  /** @internal The client, which must be managed here because `pool` grants to it. */
  public static _ours(client: ICephClient, pool: IConstruct): CephClient {
    const ours = CephClient._tryOurs(client);
    if (ours) return ours;
    const message = `'client' must be a CephClient of this stack to get a grant, got '${client.node.path}' from CephClient.fromClientId; grant it where it is managed`;
    throw ValidationError.of(pool, 'grant-imported-client', message);
  }

  /** @internal The client of that ID in this stack, managed or not. */
  public static _inStack(scope: Construct, cluster: CephCluster, clientId: string): ICephClient | undefined {
    return lookup<CephClient | ImportedCephClient>(scope, `client ${cluster._identity} ${clientId}`);
  }

  public readonly cluster: ICephCluster;
  public readonly clientId: string;
  public readonly entity: string;
  /** @internal */
  public readonly _address: string;
  /** @internal */
  public readonly _keyGeneration: number | undefined;

  private readonly grants = new Map<string, { readonly pool: ICephPool; readonly profile: Profile }>();

  constructor(scope: Construct, id: string, props: CephClientProps) {
    super(scope, id);
    setClassSymbol(this, 'CephClient');
    const cluster = CephCluster._of(props.cluster, this);
    this.cluster = cluster;
    this.clientId = props.clientId ?? id;
    this.entity = `client.${this.clientId}`;
    this._keyGeneration = props.keyGeneration;
    validate(this, rules(this.clientId, props));
    claim(
      this,
      `the client '${this.entity}' of ${cluster._identity}`,
      'use one of the two, or CephClient.fromClientId',
    );
    register(this, `client ${cluster._identity} ${this.clientId}`);
    const kept = props.adopt === true ? RemovalPolicy.RETAIN : RemovalPolicy.DELETE;
    const entry = cluster._clients.add(this.clientId, () => ({
      cluster: cluster._spec(),
      id: this.clientId,
      removalPolicy: props.removalPolicy ?? kept,
    }));
    this._address = new CommandResource(this, {
      kind: 'ceph-client',
      entry,
      fields: () => ({ id: this.clientId, caps: this.caps(), keyGeneration: props.keyGeneration, adopt: props.adopt }),
      context: () => ({ cluster: cluster._spec() }),
      after: () => addressesOf(...[...this.grants.values()].map(({ pool }) => pool)),
    }).confirmed;
  }

  /** @internal */
  public _grant(pool: ICephPool, profile: Profile): void {
    if (!sameCluster(CephCluster._of(pool.cluster, this), this.cluster)) {
      const message = `'client' must be of the pool's cluster '${pool.cluster.node.path}', got one of '${this.cluster.node.path}'; create a CephClient there`;
      throw ValidationError.of(this, 'grant-cluster', message);
    }
    const writes = this.grants.get(pool.poolName)?.profile === 'rbd';
    this.grants.set(pool.poolName, { pool, profile: writes ? 'rbd' : profile });
  }

  private caps(): CapsSpec {
    const byPool = [...this.grants].sort(([a], [b]) => (a < b ? -1 : 1));
    const pools = byPool.map(([poolName, { profile }]) => `profile ${profile} pool=${poolName}`).join(', ');
    return pools === '' ? { mon: 'profile rbd' } : { mon: 'profile rbd', osd: pools, mgr: pools };
  }
}

class ImportedCephClient extends Construct implements ICephClient {
  public readonly cluster: ICephCluster;
  public readonly clientId: string;
  public readonly entity: string;

  constructor(scope: Construct, id: string, attrs: CephClientAttributes) {
    super(scope, id);
    const cluster = CephCluster._of(attrs.cluster, this);
    this.cluster = cluster;
    this.clientId = attrs.clientId;
    this.entity = `client.${this.clientId}`;
    validate(this, idRules(this.clientId));
    register(this, `client ${cluster._identity} ${this.clientId}`);
  }
}

function idRules(clientId: string): Rule[] {
  return [
    name('clientId', clientId, 'cephName'),
    {
      code: 'client-id-entity',
      broken: clientId.startsWith('client.'),
      message: `'clientId' must be the cephx ID, got the entity '${clientId}'; use '${clientId.slice('client.'.length)}'`,
    },
  ];
}

function rules(clientId: string, { keyGeneration, removalPolicy }: CephClientProps): Rule[] {
  return [
    ...idRules(clientId),
    wholeNumber('keyGeneration', keyGeneration, 1, 1_000_000, 'increase it by one for a new key'),
    {
      code: 'client-admin',
      broken: clientId === 'admin',
      message: `'clientId' must not be 'admin', which belongs to the cluster; choose another ID`,
    },
    {
      code: 'client-removal-policy',
      broken: removalPolicy === RemovalPolicy.TRASH,
      message: `'removalPolicy' of a client must be RETAIN or DELETE, got TRASH, which is only for images; use RETAIN`,
    },
  ];
}
