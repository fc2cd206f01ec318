import { TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { ValidationError } from '../lib/errors';
import { hostTransport, providerUri, virshUri, type HostSpec, type TransportSpec } from '../lib/model';
import { LibvirtProvider } from '../lib/provider-libvirt';
import { addressOf, brand, hasBrand, lookupAll, Registry, type RegistryEntry } from '../lib/terraform';
import { isCarried, known, validate } from '../lib/validation';
import { transportRules, type Transport } from './transport';

const VERSION = String.raw`(?:=|!=|>=?|<=?|~>)?\s*\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.]+)?`;
const CONSTRAINT = new RegExp(String.raw`^\s*${VERSION}(?:\s*,\s*${VERSION})*\s*$`);

/** Properties of a `LibvirtHost`. */
export interface LibvirtHostProps {
  /**
   * libvirt's connection URI: 'qemu:///system', 'qemu+ssh://root@kvm1/system'. A change touches nothing that exists.
   * With PROVIDER `qemu+ssh` is a client of its own that knows no ~/.ssh/config: it takes '?keyfile=FILE&knownhosts=FILE';
   * `qemu+sshcmd` is the program `ssh`, which `virsh` always uses.
   * @see https://libvirt.org/uri.html
   */
  readonly uri: string;
  /**
   * What makes VMs and storage pools: the Terraform provider, or `virsh`, which changes a running VM in place.
   * A switch keeps every disk: to PROVIDER it restarts the VMs, to VIRSH it takes two steps and none stops (docs/drivers.md).
   * @default LibvirtDriver.PROVIDER
   */
  readonly driver?: LibvirtDriver;
  /**
   * PROVIDER: lets another version of the Terraform provider in than the one that this package is tested with, as a
   * constraint of Terraform's ('~> 0.9.7'). All hosts of a stack must ask for the same.
   * @default - exactly the tested version
   */
  readonly providerVersion?: string;
  /**
   * How the host's VMs run; a VM may say otherwise. Another type reaches a VM at its next boot.
   * @default DomainType.KVM
   */
  readonly domainType?: DomainType;
  /**
   * How the few commands on the host itself are run; the locks of what is on it are there too. To be given where `uri` is
   * a token, and as `Transport.ssh` where several machines apply by `qemu+tls` or `qemu+tcp`.
   * @default - from the uri: over ssh where it says so, else on the machine where Terraform runs
   */
  readonly transport?: Transport;
}

/**
 * A libvirt host that is there: nothing is made of it. It stays in the code until what is on it has left.
 *
 * @example
 * new LibvirtHost(this, 'kvm1', { uri: 'qemu+ssh://root@kvm1/system' });
 */
export class LibvirtHost extends Construct {
  /** @internal The host, which must belong to the stack of `user`. */
  public static _of(host: LibvirtHost, user: IConstruct): LibvirtHost {
    if (!hasBrand(host, 'LibvirtHost')) {
      throw ValidationError.of(user, 'host-type', "'host' must be a LibvirtHost; make one in this stack");
    }
    if (TerraformStack.of(host) !== TerraformStack.of(user)) {
      const message = `'host' must be of the same stack, got '${host.node.path}'; make a LibvirtHost in this stack`;
      throw ValidationError.of(user, 'host-stack', message);
    }
    return host;
  }

  public readonly uri: string;
  public readonly driver: LibvirtDriver;
  /** @internal */
  public readonly _domainType: DomainType;
  /** @internal */
  public readonly _provider: LibvirtProvider | undefined;
  /** @internal */
  public readonly _secrets: Registry;
  /** @internal */
  public readonly _clientConfigs: Registry;
  /** @internal */
  public readonly _storagePools: Registry;
  /** @internal */
  public readonly _disks: Registry;
  /** @internal */
  public readonly _domains: Registry;
  private readonly stops: Registry | undefined;
  private readonly stopped: string[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: LibvirtHostProps,
  ) {
    super(scope, id);
    brand(this, 'LibvirtHost');
    const wellFormed = /^[a-z+]+[0-9]?:\/\/[^\s'"`$;|<>\\]*$/.test(props.uri) && isCarried(props.uri);
    validate(this, [
      {
        code: 'uri-form',
        broken: known(props.uri) && !wellFormed,
        message: `'uri' must be a URI of libvirt, got ${JSON.stringify(props.uri)}; use 'qemu+ssh://root@HOST/system', say`,
      },
      {
        code: 'uri-transport',
        broken: !known(props.uri) && props.transport === undefined,
        message:
          "'transport' must be given where 'uri' is not known at synth, as it cannot be taken from it; use Transport.ssh or Transport.local",
      },
      ...transportRules(props.transport ? 'transport' : 'uri', transportOf(props)),
      {
        code: 'provider-version-form',
        broken: props.providerVersion !== undefined && !CONSTRAINT.test(props.providerVersion),
        message: `'providerVersion' must be a version constraint of Terraform's, got ${JSON.stringify(props.providerVersion)}; use '~> 0.9.7', say`,
      },
    ]);
    this.uri = props.uri;
    this.driver = props.driver ?? LibvirtDriver.PROVIDER;
    this._domainType = props.domainType ?? DomainType.KVM;
    const address = addressOf(this);
    if (this.driver === LibvirtDriver.PROVIDER) {
      const versionConstraint = props.providerVersion;
      this._provider = new LibvirtProvider(this, 'provider', {
        alias: address,
        uri: providerUri(props.uri),
        versionConstraint,
      });
    }
    this._secrets = new Registry(this, 'secrets', {
      logicalId: `${address}_secrets`,
      kind: 'ceph-secret',
      after: () => lookupAll<IConstruct & { readonly _snapshots: Registry }>(this, 'cluster ').map((cluster) => cluster._snapshots.address),
    });
    // Its key is the client; the section in another file is another one.
    this._clientConfigs = this.registry('client_configs', 'client-config', this._secrets, 'confFile');
    this._storagePools = this.registry('storage_pools', 'storage-pool', this._clientConfigs);
    this._disks = this.registry('disks', 'disk', this._storagePools);
    this._domains = this.registry('domains', 'domain', this._disks);
    this.stops =
      this._provider &&
      new Registry(this, 'domain_stops', {
        logicalId: `${address}_domain_stops`,
        kind: 'domain-stop',
        // Ends before them: also what has left the code, as Terraform keeps in its state what an entry came after.
        after: () => [this._domains.address, ...this.stopped],
        follows: 'object',
      });
  }

  /** @internal What the commands need to reach it. */
  public _spec(): HostSpec {
    return { uri: virshUri(this.uri), transport: transportOf(this.props) };
  }

  /** @internal Has a VM shut down before the provider deletes its resource `domain`, which goes when `object` does. */
  public _stopBefore(domain: string, { name, object, entry, removal }: StopBefore): void {
    const { stops } = this;
    if (stops === undefined) return;
    this.stopped.push(domain);
    // The VM's other resources do no harm: they ask for the token.
    const addresses = [domain, `${stops.address}[${JSON.stringify(name)}]`];
    const expressions = { domainEntryId: entry.entryId, object: `\${${object}.id}` };
    stops.add(name, () => ({ ...removal(), addresses }), expressions);
  }

  private registry(id: string, kind: HostKind, before: Registry, follows?: string): Registry {
    const after = (): string[] => [before.address];
    return new Registry(this, id, { logicalId: `${addressOf(this)}_${id}`, kind, after, follows });
  }
}

function transportOf({ transport, uri }: LibvirtHostProps): TransportSpec {
  return transport?._spec() ?? hostTransport(uri);
}

type HostKind = 'client-config' | 'storage-pool' | 'disk' | 'domain';

interface StopBefore {
  readonly name: string;
  /** Its address. */
  readonly object: string;
  readonly entry: RegistryEntry;
  readonly removal: () => object;
}

/** What makes VMs and storage pools on a host. */
export enum LibvirtDriver {
  /** `libvirt_domain` and `libvirt_pool` of the Terraform provider dmacvicar/libvirt; a changed VM is replaced around its disks. */
  PROVIDER = 'provider',
  /** `virsh`; a changed VM is changed in place where libvirt can, and nothing has to be downloaded. */
  VIRSH = 'virsh',
}

/** How a VM runs. */
export enum DomainType {
  /** On the processor's virtualization. */
  KVM = 'kvm',
  /** In emulation: slow, and everywhere. */
  QEMU = 'qemu',
}
