import type { TerraformResource } from 'cdktf';
import { Construct } from 'constructs';
import { ValidationError } from '../lib/errors';
import {
  givenDisks,
  stableUuid,
  type DomainDefinition,
  type DomainRemoval,
  type DomainSpec,
  type NetworkInterfaceSpec,
  type Removal,
  type XmlFragment,
} from '../lib/model';
import type { DomainArguments, LibvirtProvider } from '../lib/provider-libvirt';
import { providerDomain } from '../lib/render/domain/provider-arguments';
import {
  addressesOf,
  addressOf,
  claim,
  claimAddress,
  CommandResource,
  escapeTree,
  markText,
  lookup,
  register,
  type RegistryEntry,
} from '../lib/terraform';
import { validate, type Rule } from '../lib/validation';
import { DeferredDomain, DomainStart, overridesOf, replacedBySpec } from './provider-domain';
import { CephCluster } from './ceph-cluster';
import { claimForWriting, grantForDisk } from './image-access';
import { LibvirtHost } from './libvirt-host';
import { interfaceSpec, nicRules, type NetworkInterfaceProps } from './network-interface';
import { lateMonitor, refuseLateList } from './monitor-expression';
import { RbdImage } from './rbd-image';
import { atRestart, plannedLoss, plannedRestart, vmDefinition, vmState } from './rbd-backed-vm-definition';
import type { RbdBackedVmProps } from './rbd-backed-vm-props';
import { machineOf, withBus } from './rbd-backed-vm-machine-rules';
import { vmRules, xmlRules } from './rbd-backed-vm-rules';
import { isReadOnly, type AttachedDisk, type VmDiskProps } from './vm-disk';
import { bootRules, diskRules, diskSetRules, sharesController } from './vm-disk-rules';
import { seedDisk, seedImage } from './vm-seed';
import type { ILibvirtCephSecret, IRbdImage } from './interfaces';

/**
 * A virtual machine whose disks are RBD images.
 *
 * @see https://libvirt.org/formatdomain.html
 * @example
 * new RbdBackedVm(this, 'web1', {
 *   storage,
 *   vcpus: 2,
 *   memory: Size.gibibytes(4),
 *   rootDisk: { source: ImageSource.clone(debian), size: Size.gibibytes(20) },
 * });
 */
export class RbdBackedVm extends Construct {
  /** @internal The VM of that name that this stack creates on the host. */
  public static _inStack(scope: Construct, host: LibvirtHost, vmName: string): RbdBackedVm | undefined {
    return lookup<RbdBackedVm>(scope, RbdBackedVm.keyOf(host, vmName));
  }

  private static keyOf(host: LibvirtHost, vmName: string): string {
    return `vm ${host._spec().uri} ${vmName}`;
  }

  public readonly vmName: string;
  public readonly host: LibvirtHost;
  /** The `libvirt_domain`, for what has no prop here; only with `LibvirtDriver.PROVIDER`. */
  public readonly domainResource?: TerraformResource;
  /** @internal */
  public readonly _address: string;

  private readonly secret: ILibvirtCephSecret;
  private readonly entry: RegistryEntry;
  private readonly attached: AttachedDisk[] = [];
  private readonly diskEntries = new Map<string, RegistryEntry>();
  private readonly interfaces: NetworkInterfaceSpec[] = [];
  private readonly fragments: XmlFragment[] = [];

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RbdBackedVmProps,
  ) {
    super(scope, id);
    this.vmName = props.vmName ?? id;
    validate(this, vmRules(this.vmName, props));
    this.secret = props.storage?.secret ?? (props.secret as ILibvirtCephSecret);
    this.host = LibvirtHost._of(this.secret.host, this);
    claim(this, `the VM '${this.vmName}' on ${this.host._spec().uri}`, 'choose another vmName');
    register(this, RbdBackedVm.keyOf(this.host, this.vmName));
    this.entry = this.host._domains.add(this.vmName, () => this.removal());
    this.takeNvram(props.nvram);
    this.attach(props.rootDisk, 'root', 'vda');
    (props.dataDisks ?? []).forEach((disk) => this.addDisk(disk));
    (props.networkInterfaces ?? []).forEach((nic) => this.addNetworkInterface(nic));
    const seed = seedImage(this, this.vmName, props, this.attached);
    if (seed) this.addDisk(seedDisk(seed, this.attached));
    const object = this.renderObject();
    this._address = object.confirmed;
    this.domainResource = this.host._provider && this.providerDomain(this.host._provider, object);
  }

  /** The disks in the order in which they were added, the root disk first. */
  public get disks(): readonly { readonly image: IRbdImage; readonly target: string }[] {
    const own = this.attached.filter(({ image }) => RbdImage._tryOurs(image)?._source._seed === undefined);
    return own.map(({ image, target }) => ({ image, target }));
  }

  /** The MAC addresses in the order of the interfaces. */
  public get macAddresses(): readonly string[] {
    return this.interfaces.map(({ macAddress }) => macAddress);
  }

  /** Adds a data disk; returns its image. */
  public addDisk(props: VmDiskProps): IRbdImage {
    validate(this, diskRules(withBus(props, this.props), machineOf(this.props)));
    const target = props.target ?? this.nextTarget(props);
    const image = this.attach(props, target, target);
    const removal = { host: this.host._spec(), domain: this.vmName, target, image: image.spec };
    const entry = this.host._disks.add(`${this.vmName}/${target}`, () => removal);
    this.diskEntries.set(target, entry);
    return image;
  }

  /** Adds a network interface after the existing ones. */
  public addNetworkInterface(props: NetworkInterfaceProps): void {
    const spec = interfaceSpec(this, props, this.interfaces);
    validate(this, [...nicRules(props, spec.macAddress), ...this.bootRules(props.bootIndex)]);
    claim(this, `the MAC address ${spec.macAddress}`, "give one of the two another 'macAddress'");
    this.interfaces.push(spec);
  }

  /**
   * VIRSH only: adds one element of libvirt's domain XML that has no prop here, to <devices> or to `parent`, a path
   * from below the root ('features'; 'domain' is the root). libvirt checks it against its schema when the VM is
   * defined. A change is a restart. With PROVIDER use `addOverride` of `domainResource`.
   *
   * @see https://libvirt.org/formatdomain.html
   * @example
   * vm.addXml('<watchdog model="i6300esb" action="reset"/>');
   */
  public addXml(fragment: string, parent?: string): void {
    validate(this, xmlRules(fragment, parent, this.host.driver));
    this.fragments.push({ fragment, parent });
  }

  private attach(given: VmDiskProps, id: string, target: string): IRbdImage {
    const props = withBus(given, this.props);
    const image = props.image ?? this.makeImage(props, id);
    const disk: AttachedDisk = { image, target: props.target ?? target, props };
    const boots = this.bootRules(props.bootIndex);
    validate(this, [...diskSetRules(this.attached, disk, this.secret.client), ...boots]);
    claimForWriting(this, image, props);
    grantForDisk(this.secret.client, image, isReadOnly(props));
    const user = { host: this.host._spec(), domain: this.vmName, target: disk.target };
    RbdImage._tryOurs(image)?._addUser(() => user);
    this.attached.push(disk);
    return image;
  }

  private bootRules(index: number | undefined): Rule[] {
    return bootRules(index, [...this.attached.map(({ props }) => props), ...this.interfaces]);
  }

  /** The VM opens the image of the UEFI variables like its disks. */
  private takeNvram(nvram: IRbdImage | undefined): void {
    if (nvram === undefined) return;
    claimForWriting(this, nvram, {});
    grantForDisk(this.secret.client, nvram, false);
  }

  private makeImage({ source, size }: VmDiskProps, id: string): IRbdImage {
    const pool = this.props.storage?.pool;
    if (pool === undefined) {
      const message = `'${id}' must have an 'image', because a VM without 'storage' has no pool to create one in; create an RbdImage`;
      throw ValidationError.of(this, 'disk-image-pool', message);
    }
    return new RbdImage(this, id, { pool, source, size, imageName: `${this.vmName}-${id}` });
  }

  private nextTarget(props: VmDiskProps): string {
    const free = Array.from('bcdefghijklmnopqrstuvwxyz', (letter) => `vd${letter}`).find(
      (target) => !this.attached.some((one) => one.target === target || sharesController(one, { target, props })),
    );
    return free ?? 'vdb';
  }

  private renderObject(): CommandResource {
    const { host, entry } = this;
    const cluster = CephCluster._of(this.secret.client.cluster, this);
    return new CommandResource(this, {
      kind: 'domain',
      entry,
      fields: () => ({
        ...this.definition,
        ...vmState(this.props),
        ...(host._provider ? plannedLoss(this.props) : plannedRestart(this.props)),
      }),
      expressions: () => (host._provider ? overridesOf(this.domainResource as DeferredDomain) : {}),
      // With PROVIDER another entry of a disk would replace the VM, and the provider of an old state checks no id.
      entries: () => ({ member: 'diskEntryIds', byName: host._provider ? {} : Object.fromEntries(this.diskEntries) }),
      context: () => ({
        host: host._spec(),
        cluster: cluster._spec(),
        driver: host.driver,
        // With PROVIDER every changed field replaces the VM, and these change nothing about it.
        ...(host._provider ? atRestart(this.props) : {}),
      }),
      after: () => [host._disks.address, ...addressesOf(this.secret.client, this.secret, ...this.images)],
    });
  }

  private providerDomain(provider: LibvirtProvider, { spec }: CommandResource): TerraformResource {
    const logicalId = `${addressOf(this.host)}-${addressOf(this)}`;
    claimAddress(this, `libvirt_domain.${logicalId}`);
    refuseLateList(this, this.secret.client.cluster.monitors);
    const attributes = (): DomainArguments => {
      const { definition, props } = this;
      const spec = escapeTree({ ...definition, ...vmState(props), ...atRestart(props) }) as DomainSpec;
      return providerDomain(spec, markText(this, this.vmName, this.entry, givenDisks(definition)), lateMonitor);
    };
    const domain = new DeferredDomain(this, 'libvirt-domain', attributes, replacedBySpec(provider, this._address));
    domain.overrideLogicalId(logicalId);
    const { running, autostart } = vmState(this.props);
    if (running || autostart) new DomainStart(this, { name: addressOf(this), domain: logicalId, spec });
    const { vmName: name, entry, _address: object } = this;
    this.host._stopBefore(`libvirt_domain.${logicalId}`, { name, object, entry, removal: () => this.removal() });
    return domain;
  }

  private get images(): IRbdImage[] {
    return [...this.attached.map(({ image }) => image), ...(this.props.nvram ? [this.props.nvram] : [])];
  }

  private removal(): Omit<DomainRemoval, keyof Removal> {
    const { vmName: name, props } = this;
    const { shutdownTimeout } = atRestart(props);
    return { host: this.host._spec(), name, uuid: stableUuid('domain', name), shutdownTimeout };
  }

  private get definition(): DomainDefinition {
    const { vmName, host, secret, attached, interfaces, fragments } = this;
    return vmDefinition({ ...this.props, vmName, host, secret, attached, interfaces, fragments });
  }
}
