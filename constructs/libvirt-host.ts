import { TerraformStack } from 'cdktf';
import { Construct, type IConstruct } from 'constructs';
import { ValidationError } from '../lib/errors';
import { hostTransport, providerUri, virshUri, type HostSpec, type TransportSpec } from '../lib/model';
import { LibvirtProvider } from '../lib/provider-libvirt';
import { addressOf, setClassSymbol, hasClassSymbol, lookupAll, Registry, type RegistryEntry } from '../lib/terraform';
import { isCarried, known, type Rule, validate } from '../lib/validation';
import { transportRules, type Transport } from './transport';

const VERSION = String.raw`(?:=|!=|>=?|<=?|~>)?\s*\d+(?:\.\d+){0,2}(?:-[0-9A-Za-z.]+)?`;
const CONSTRAINT = new RegExp(String.raw`^\s*${VERSION}(?:\s*,\s*${VERSION})*\s*$`);

/** Properties of a `LibvirtHost`. */
export interface LibvirtHostProps {
  /**
   * libvirt's connection URI: 'qemu:///system', 'qemu+ssh://root@kvm1/system'. A change touches nothing that exists.
   * With PROVIDER `qemu+ssh` uses a built-in client that does not read ~/.ssh/config; it accepts
   * '?keyfile=FILE&knownhosts=FILE'. `qemu+sshcmd` runs the program `ssh`, as `virsh` always does.
   * @see https://libvirt.org/uri.html
   */
  readonly uri: string;
  /**
   * What creates VMs and storage pools: the Terraform provider, or `virsh`, which changes a running VM in place. A
   * switch keeps every disk: to PROVIDER it restarts the VMs; to VIRSH it takes two steps and stops none
   * (docs/drivers.md).
   * @default LibvirtDriver.PROVIDER
   */
  readonly driver?: LibvirtDriver;
  /**
   * PROVIDER: a Terraform version constraint ('~> 0.9.7') that allows other versions of the provider than the one this
   * package is tested with. All hosts of a stack must have the same.
   * @default - exactly the tested version
   */
  readonly providerVersion?: string;
  /**
   * How the host's VMs run, unless a VM sets its own. A change reaches a VM at its next boot.
   * @default DomainType.KVM
   */
  readonly domainType?: DomainType;
  /**
   * How to run the few commands on the host itself; locks for what is on it are there too. Required if `uri` is a
   * token. Use `Transport.ssh` if several machines apply over `qemu+tls` or `qemu+tcp`.
   * @default - from the uri: over ssh if it says so, otherwise on the machine where Terraform runs
   */
  readonly transport?: Transport;
}

/**
 * An existing libvirt host; it creates nothing. Keep it in the code until everything on it has been removed.
 *
 * @example
 * new LibvirtHost(this, 'kvm1', { uri: 'qemu+ssh://root@kvm1/system' });
 */
export class LibvirtHost extends Construct {
  /** @internal The host, which must belong to the stack of `user`. */
  public static _of(host: LibvirtHost, user: IConstruct): LibvirtHost {
    if (!hasClassSymbol(host, 'LibvirtHost')) {
      throw ValidationError.of(user, 'host-type', "'host' must be a LibvirtHost; create one in this stack");
    }
    if (TerraformStack.of(host) !== TerraformStack.of(user)) {
      const message = `'host' must be of the same stack, got '${host.node.path}'; create a LibvirtHost in this stack`;
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
    setClassSymbol(this, 'LibvirtHost');
    validate(this, hostRules(props));
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
      after: () =>
        lookupAll<IConstruct & { readonly _snapshots: Registry }>(this, 'cluster ').map(
          (cluster) => cluster._snapshots.address,
        ),
    });
    // Its key is the client; a section in another file is another object.
    this._clientConfigs = this.registry('client_configs', 'client-config', this._secrets, 'confFile');
    this._storagePools = this.registry('storage_pools', 'storage-pool', this._clientConfigs);
    this._disks = this.registry('disk_attachments', 'disk', this._storagePools);
    this._domains = this.registry('domains', 'domain', this._disks);
    this.stops =
      this._provider &&
      new Registry(this, 'domain_stops', {
        logicalId: `${address}_domain_stops`,
        kind: 'domain',
        verb: 'stop',
        // It is removed before them, even when it has left the code: the state keeps an entry's dependencies.
        after: () => [this._domains.address, ...this.stopped],
        triggered: true,
      });
  }

  /** @internal What the commands need to reach it. */
  public _spec(): HostSpec {
    return { uri: virshUri(this.uri), transport: transportOf(this.props) };
  }

  /** @internal Shuts a VM down before the provider deletes its resource `domain`, which is replaced with `object`. */
  public _stopBefore(domain: string, { name, object, entry, removal }: StopBefore): void {
    const { stops } = this;
    if (stops === undefined) return;
    this.stopped.push(domain);
    // The VM's other resources do no harm: they check the entry's id.
    const addresses = [domain, `${stops.address}[${JSON.stringify(name)}]`];
    const { uuid, shutdownTimeout } = removal();
    stops.add(
      name,
      () => ({ host: this._spec(), shutdownTimeout }),
      () => ({
        fixed: { name, uuid, addresses },
        expressions: { domainEntryId: entry.entryId, object: `\${${object}.id}` },
      }),
    );
  }

  private registry(id: string, kind: HostKind, before: Registry, follows?: string): Registry {
    const after = (): string[] => [before.address];
    return new Registry(this, id, { logicalId: `${addressOf(this)}_${id}`, kind, after, follows });
  }
}

function hostRules(props: LibvirtHostProps): Rule[] {
  const wellFormed = /^[a-z+]+[0-9]?:\/\/[^\s'"`$;|<>\\]*$/.test(props.uri) && isCarried(props.uri);
  return [
    {
      code: 'uri-form',
      broken: known(props.uri) && !wellFormed,
      message: `'uri' must be a libvirt URI, got ${JSON.stringify(props.uri)}; use, for example, 'qemu+ssh://root@HOST/system'`,
    },
    {
      code: 'uri-transport',
      broken: !known(props.uri) && props.transport === undefined,
      message:
        "'transport' must be given if 'uri' is not known at synth, because it cannot be derived from it; use Transport.ssh or Transport.local",
    },
    ...transportRules(props.transport ? 'transport' : 'uri', transportOf(props)),
    {
      code: 'provider-version-form',
      broken: props.providerVersion !== undefined && !CONSTRAINT.test(props.providerVersion),
      message: `'providerVersion' must be a Terraform version constraint, got ${JSON.stringify(props.providerVersion)}; use, for example, '~> 0.9.7'`,
    },
  ];
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
  readonly removal: () => { readonly uuid: string; readonly shutdownTimeout: string };
}

/** What creates VMs and storage pools on a host. */
export enum LibvirtDriver {
  /**
   * `libvirt_domain` and `libvirt_pool` of the Terraform provider dmacvicar/libvirt; a changed VM is replaced around
   * its disks.
   */
  PROVIDER = 'provider',
  /** `virsh`; a VM is changed in place where libvirt can, and nothing needs to be downloaded. */
  VIRSH = 'virsh',
}

/** How a VM runs. */
export enum DomainType {
  /** With hardware virtualization. */
  KVM = 'kvm',
  /** By emulation: slow, but works everywhere. */
  QEMU = 'qemu',
}
