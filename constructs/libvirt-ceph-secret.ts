import { Construct } from 'constructs';
import { clusterIdentity, stableUuid } from '../lib/model';
import {
  addressesOf,
  setClassSymbol,
  claim,
  CommandResource,
  hasClassSymbol,
  lookup,
  register,
} from '../lib/terraform';
import { name, validate } from '../lib/validation';
import { CephClient } from './ceph-client';
import { CephCluster } from './ceph-cluster';
import { LibvirtHost } from './libvirt-host';
import { RemovalPolicy } from './removal-policy';
import type { ICephClient, ILibvirtCephSecret } from './interfaces';

/** Properties of a `LibvirtCephSecret`. */
export interface LibvirtCephSecretProps {
  readonly host: LibvirtHost;
  readonly client: ICephClient;
  /**
   * 2 to 128 letters, digits, spaces or '_.:@+-'. Another usage is another secret.
   * @default - '<entity> secret', such as 'client.libvirt secret'
   */
  readonly usage?: string;
  /**
   * Whether libvirt never reveals the value.
   * @default true
   */
  readonly private?: boolean;
  /**
   * Manage an existing secret of that usage: it gets the client's key, and is kept when the construct leaves the code,
   * as long as this is set. A secret whose UUID is not `uuid` keeps its UUID, and needs this permanently.
   * @default false
   */
  readonly adopt?: boolean;
}

/** Identifies a secret that something else manages. */
export interface LibvirtCephSecretAttributes {
  readonly host: LibvirtHost;
  readonly client: ICephClient;
  readonly usage: string;
}

/**
 * A libvirt secret with the key of a cephx user. The key goes from Ceph to libvirt through a pipe, and is in no file,
 * argument, environment, state, plan or log.
 *
 * @see https://libvirt.org/formatsecret.html
 * @example
 * new LibvirtCephSecret(this, 'secret', { host, client });
 */
export class LibvirtCephSecret extends Construct implements ILibvirtCephSecret {
  /** An existing secret that this stack does not manage. */
  public static fromUsage(scope: Construct, id: string, attrs: LibvirtCephSecretAttributes): ILibvirtCephSecret {
    return new ImportedLibvirtCephSecret(scope, id, attrs);
  }

  /** @internal The stack's secret of that client on the host, managed or not. */
  public static _inStack(scope: Construct, host: LibvirtHost, client: ICephClient): ILibvirtCephSecret | undefined {
    return lookup<LibvirtCephSecret>(scope, keyOf(host, client));
  }

  /** @internal Its UUID if it is known at synth: an adopted secret keeps its own. */
  public static _uuidOf(secret: ILibvirtCephSecret): string | undefined {
    return hasClassSymbol(secret, 'LibvirtCephSecret') ? (secret as LibvirtCephSecret)._knownUuid : undefined;
  }

  public readonly host: LibvirtHost;
  public readonly client: ICephClient;
  public readonly usage: string;
  /** A version 5 UUID of the usage: the same on every host. */
  public readonly uuid: string;
  /** @internal */
  public readonly _address: string;
  /** @internal */
  public readonly _knownUuid: string | undefined;

  constructor(scope: Construct, id: string, props: LibvirtCephSecretProps) {
    super(scope, id);
    setClassSymbol(this, 'LibvirtCephSecret');
    const host = LibvirtHost._of(props.host, this);
    const cluster = CephCluster._of(props.client.cluster, this);
    this.host = host;
    this.client = props.client;
    this.usage = props.usage ?? `${props.client.entity} secret`;
    validate(this, [name('usage', this.usage, 'usage')]);
    this.uuid = stableUuid('ceph-secret', this.usage);
    this._knownUuid = props.adopt === true ? undefined : this.uuid;
    claim(
      this,
      `the secret '${this.usage}' on ${host._spec().uri}`,
      'use one of the two, or LibvirtCephSecret.fromUsage',
    );
    register(this, keyOf(host, this.client));
    const { usage, uuid } = this;
    const removalPolicy = props.adopt === true ? RemovalPolicy.RETAIN : undefined;
    this._address = new CommandResource(this, {
      kind: 'ceph-secret',
      entry: host._secrets.add(usage, () => ({ host: host._spec(), usage, uuid, removalPolicy })),
      fields: () => ({
        usage,
        uuid,
        entity: this.client.entity,
        private: props.private ?? true,
        keyGeneration: CephClient._tryOurs(this.client)?._keyGeneration,
        adopt: props.adopt,
      }),
      context: () => ({ host: host._spec(), cluster: cluster._spec() }),
      after: () => addressesOf(this.client),
    }).confirmed;
  }
}

class ImportedLibvirtCephSecret extends Construct implements ILibvirtCephSecret {
  public readonly host: LibvirtHost;
  public readonly client: ICephClient;
  public readonly usage: string;

  constructor(scope: Construct, id: string, attrs: LibvirtCephSecretAttributes) {
    super(scope, id);
    this.host = LibvirtHost._of(attrs.host, this);
    this.client = attrs.client;
    this.usage = attrs.usage;
    validate(this, [name('usage', this.usage, 'usage')]);
    register(this, keyOf(this.host, this.client));
  }
}

function keyOf(host: LibvirtHost, client: ICephClient): string {
  return `secret ${host._spec().uri} ${clusterIdentity(client.cluster)} ${client.entity}`;
}
