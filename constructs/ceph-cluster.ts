import { TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { ValidationError } from '../lib/errors';
import { clusterIdentity, type ClusterSpec } from '../lib/model';
import { addressOf, setClassSymbol, hasClassSymbol, Registry, register } from '../lib/terraform';
import { monitors, name, readMonitors, validate, text } from '../lib/validation';
import { Transport, transportRules } from './transport';
import type { ICephCluster } from './interfaces';

/** Properties of a `CephCluster`. */
export interface CephClusterProps {
  /**
   * Monitors as the VMs reach them, at least one: 'host', 'host:port', '[v6]' or '[v6]:port', or the form of
   * `ceph mon dump` and ceph.conf's `mon_host`: '[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]', 'v2:host:3300', several in
   * one string. Of a monitor's two addresses VMs get the msgr2 one ('v2'); for a host whose Ceph is older than 14, give
   * only 'v1'. Without a port, Ceph's default ports of both protocols apply. A change reaches a VM at its next boot.
   * @see https://docs.ceph.com/en/latest/rados/configuration/mon-config-ref/
   */
  readonly monitors: string[];
  /**
   * How to run `ceph` and `rbd`. A change touches nothing that exists.
   * @default Transport.local()
   */
  readonly transport?: Transport;
  /**
   * Ceph's configuration file on the machine where the commands run.
   * @default - Ceph's default, /etc/ceph/ceph.conf
   */
  readonly confFile?: string;
  /**
   * cephx ID that the commands use: 'admin', not 'client.admin'.
   * @default 'admin'
   */
  readonly adminId?: string;
  /**
   * Keyring of that ID on the machine where the commands run.
   * @default - Ceph's search path
   */
  readonly keyringFile?: string;
}

/**
 * An existing Ceph cluster; it creates nothing. Keep it in the code until everything on it has been removed.
 *
 * @example
 * new CephCluster(this, 'ceph', { monitors: ['10.0.0.11', '10.0.0.12:6789'], transport: Transport.ssh('root@mon1') });
 */
export class CephCluster extends Construct implements ICephCluster {
  /** @internal The cluster behind the interface, if it belongs to the stack of `user`. */
  public static _of(cluster: ICephCluster, user: IConstruct): CephCluster {
    if (!hasClassSymbol(cluster, 'CephCluster')) {
      throw ValidationError.of(user, 'cluster-type', "'cluster' must be a CephCluster; create one in this stack");
    }
    if (TerraformStack.of(cluster) !== TerraformStack.of(user)) {
      const message = `'cluster' must be of the same stack, got '${cluster.node.path}'; create a CephCluster in this stack, and use what the other stack manages with its from... method`;
      throw ValidationError.of(user, 'cluster-stack', message);
    }
    return cluster as CephCluster;
  }

  public readonly monitors: readonly string[];

  /** @internal */
  public readonly _pools: Registry;
  /** @internal */
  public readonly _clients: Registry;
  /** @internal */
  public readonly _images: Registry;
  /** @internal */
  public readonly _snapshots: Registry;

  constructor(
    scope: Construct,
    id: string,
    private readonly props: CephClusterProps,
  ) {
    super(scope, id);
    setClassSymbol(this, 'CephCluster');
    validate(this, [
      ...monitors(props.monitors),
      name('adminId', props.adminId, 'cephName'),
      text('confFile', props.confFile),
      text('keyringFile', props.keyringFile),
      ...transportRules('transport', (props.transport ?? Transport.local())._spec()),
      {
        code: 'admin-id-entity',
        broken: props.adminId?.startsWith('client.') ?? false,
        message: `'adminId' must be a cephx ID, got the entity '${props.adminId}'; leave out 'client.'`,
      },
    ]);
    this.monitors = readMonitors(props.monitors);
    const address = addressOf(this);
    this._pools = new Registry(this, 'pools', { logicalId: `${address}_pools`, kind: 'ceph-pool', after: () => [] });
    this._clients = this.registry('clients', 'ceph-client', this._pools);
    this._images = this.registry('images', 'rbd-image', this._clients);
    this._snapshots = this.registry('snapshots', 'rbd-snapshot', this._images);
    register(this, `cluster ${address}`);
  }

  /** @internal What the commands need to reach it. */
  public _spec(): ClusterSpec {
    const { transport, confFile, adminId, keyringFile } = this.props;
    const reached = (transport ?? Transport.local())._spec();
    return { monitors: this.monitors, transport: reached, confFile, adminId, keyringFile };
  }

  /** @internal The same for two constructs that represent one cluster. */
  public get _identity(): string {
    return clusterIdentity(this);
  }

  private registry(id: string, kind: 'ceph-client' | 'rbd-image' | 'rbd-snapshot', before: Registry): Registry {
    return new Registry(this, id, { logicalId: `${addressOf(this)}_${id}`, kind, after: () => [before.address] });
  }
}
