import { TerraformVariable, type TerraformStack } from 'cdktf';
import {
  CephClient,
  CephPool,
  CephRbdStoragePool,
  DiskBus,
  DiskCache,
  DomainType,
  Duration,
  Firmware,
  ImageSource,
  LibvirtDriver,
  NetworkSource,
  RbdBackedVm,
  type RbdBackedVmProps,
  RbdImage,
  RestartPolicy,
  Size,
} from '../../constructs';
import { stableUuid } from '../../lib/model';
import { clusterOf, DRIVERS, hostOf, Scene } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';
import { made, withProps } from '../helpers/vm-stacks';

describe.each(DRIVERS)('RbdBackedVm with %s', (driver) => {
  it('uses its two amounts and its root disk, and defaults for the rest', () => {
    const { fields, context, entries } = synth(withProps({}, driver));
    const atRestart = { shutdownTimeout: '2 minutes', restartPolicy: 'next-boot' };
    expect(fields('terraform_data.web1_spec')).toEqual({
      name: 'web1',
      uuid: stableUuid('domain', 'web1'),
      domainType: 'kvm',
      vcpus: 1,
      memory: '256 MiB',
      disks: { vda: { image: 'vms/web1-disk', bus: 'virtio', discard: true, bootIndex: 1 } },
      networkInterfaces: [],
      monitors: ['10.0.0.11', '10.0.0.12:6789'],
      clientId: 'libvirt',
      secretUsage: 'client.libvirt secret',
      running: true,
      autostart: false,
      // Terraform shows tags in every plan of a VM.
      ...(driver === LibvirtDriver.VIRSH ? { ...atRestart, tags: { restartPolicy: 'next-boot' } } : {}),
    });
    // With PROVIDER a change of a field replaces the VM, and these do not change it.
    expect(context('terraform_data.web1_spec')).toMatchObject(driver === LibvirtDriver.PROVIDER ? atRestart : {});
    expect(context('terraform_data.web1_spec')).toMatchObject({
      v: 1,
      driver,
      host: { uri: 'qemu+ssh://root@kvm1/system' },
    });
    expect(entries('terraform_data.kvm1_domains').web1).toMatchObject({
      name: 'web1',
      uuid: stableUuid('domain', 'web1'),
      shutdownTimeout: '2 minutes',
    });
  });

  it('passes every prop on', () => {
    const props = {
      vmName: 'shop',
      description: 'the shop\'s "front" <1> & ${more}',
      vcpus: 2,
      maxVcpus: 4,
      domainType: DomainType.QEMU,
      machineType: 'pc',
      cpuMode: 'custom',
      cpuModel: 'qemu64',
      serialLogFile: '/var/log/shop.log',
      vnc: true,
      guestAgent: true,
      running: false,
      autostart: true,
      restartPolicy: RestartPolicy.NOW,
    };
    const sizes = { memory: Size.gibibytes(2), maxMemory: Size.gibibytes(4), shutdownTimeout: Duration.seconds(30) };
    const { fields, context } = synth(withProps({ ...props, ...sizes }, driver));
    const given = { ...context('terraform_data.web1_spec'), ...fields('terraform_data.web1_spec') };
    const { vmName, description, ...same } = props;
    expect(description).toContain('${');
    expect(given).toMatchObject({
      ...same,
      name: vmName,
      description: 'the shop\'s "front" <1> & $${more}',
      memory: '2 GiB',
      maxMemory: '4 GiB',
      shutdownTimeout: '30 seconds',
    });
  });

  it('passes every prop of a disk on', () => {
    const flags = {
      readOnly: false,
      serial: 'S-1',
      bootIndex: 2,
      discard: false,
      detectZeroes: true,
      ioThread: true,
      queues: 4,
    };
    const { fields } = synth((stack) => {
      const scene = new Scene(stack, driver);
      const disk = { ...flags, image: scene.image('i'), bus: DiskBus.VIRTIO, target: 'vdb', cache: DiskCache.NONE };
      scene.vm('web1', { dataDisks: [disk] });
    });
    const { readOnly, ...shown } = flags;
    expect(readOnly).toBe(false);
    expect(fields('terraform_data.web1_spec').disks.vdb).toEqual({
      ...shown,
      image: 'vms/i',
      bus: 'virtio',
      cache: 'none',
    });
  });

  it('passes every prop of an interface on, and gives it the same MAC address at every synth', () => {
    const build = (stack: TerraformStack): void => {
      const vm = withProps({ networkInterfaces: [{ source: NetworkSource.network('default') }] }, driver)(stack);
      vm.addNetworkInterface({
        source: NetworkSource.bridge('br0', { vlan: 20 }),
        macAddress: '52:54:00:AB:CD:EF',
        model: 'e1000e',
        linkUp: false,
      });
      vm.addNetworkInterface({ source: NetworkSource.macvtap('eno1') });
      expect(vm.macAddresses[1]).toBe('52:54:00:ab:cd:ef');
    };
    const [first, second, third] = synth(build).fields('terraform_data.web1_spec').networkInterfaces;
    expect(first).toMatchObject({
      network: 'default',
      model: 'virtio',
      macAddress: expect.stringMatching(/^52:54:00:/),
    });
    expect(second).toEqual({
      bridge: 'br0',
      vlan: 20,
      macAddress: '52:54:00:ab:cd:ef',
      model: 'e1000e',
      linkUp: false,
    });
    expect(third).toMatchObject({ macvtap: 'eno1' });
    expect(synth(build).text).toBe(synth(build).text);
  });

  it('creates its images: <vm>-root for the root disk on any bus, <vm>-<target> for a data disk', () => {
    const { fields, addresses } = synth((stack) => {
      const dataDisks = [{ target: 'vdb', size: Size.gibibytes(5) }];
      const vm = made(
        { vmName: 'shop', rootDisk: { size: Size.gibibytes(1), bus: DiskBus.SATA }, dataDisks },
        driver,
      )(stack);
      expect(vm.addDisk({ target: 'vdc', size: Size.gibibytes(1) }).spec).toBe('storage/shop-vdc');
      expect(vm.disks.map(({ target, image }) => [target, image.imageName])).toEqual([
        ['vda', 'shop-root'],
        ['vdb', 'shop-vdb'],
        ['vdc', 'shop-vdc'],
      ]);
    });
    expect(addresses).toEqual(
      expect.arrayContaining(['root', 'vdb', 'vdc'].map((one) => `terraform_data.web1-${one}_spec`)),
    );
    expect(fields('terraform_data.web1-root_spec')).toMatchObject({
      name: 'shop-root',
      source: { blank: true },
      size: '1 GiB',
    });
    expect(Object.keys(fields('terraform_data.web1_spec').disks)).toEqual(['vda', 'vdb', 'vdc']);
  });

  it('registers its data disks for detaching, and tells each image which VM uses it', () => {
    const { entries, context } = synth(made({ dataDisks: [{ target: 'vdb', size: Size.gibibytes(5) }] }, driver));
    expect(Object.keys(entries('terraform_data.kvm1_disk_attachments'))).toEqual(['web1/vdb']);
    expect(entries('terraform_data.kvm1_disk_attachments')['web1/vdb']).toMatchObject({
      domain: 'web1',
      target: 'vdb',
      image: 'storage/web1-vdb',
    });
    const host = { uri: 'qemu+ssh://root@kvm1/system' };
    expect(context('terraform_data.web1-vdb_spec').users).toMatchObject([{ host, domain: 'web1', target: 'vdb' }]);
    expect(context('terraform_data.web1-root_spec').users).toMatchObject([{ host, domain: 'web1', target: 'vda' }]);
  });

  it('waits for its registries, its client, its secret and its images', () => {
    const { at } = synth(made({}, driver));
    expect(at('terraform_data.web1_spec').depends_on).toEqual([
      'terraform_data.kvm1_domains',
      'terraform_data.kvm1_disk_attachments',
      'terraform_data.storage-client_spec_confirmed',
      'terraform_data.storage-secret_spec_confirmed',
      'terraform_data.web1-root_spec_confirmed',
    ]);
  });

  it('is not replaced when the size of an image changes', () => {
    const sized = (gib: number): object =>
      synth(made({ rootDisk: { size: Size.gibibytes(gib) } }, driver)).at('terraform_data.web1_spec');
    expect(sized(2)).toEqual(sized(1));
  });

  it('grants its client every pool it needs: of its images, their data pools, and their parents', () => {
    const { fields } = synth((stack) => {
      const scene = new Scene(stack, driver);
      const { cluster } = scene;
      const images = new CephPool(stack, 'images', { cluster });
      const ec = new CephPool(stack, 'ec', { cluster });
      const base = new CephPool(stack, 'base', { cluster });
      const origin = new RbdImage(stack, 'origin', { pool: base, size: Size.gibibytes(1) });
      const golden = new RbdImage(stack, 'golden', { pool: images, source: ImageSource.clone(origin) });
      const root = new RbdImage(stack, 'root', { pool: scene.pool, dataPool: ec, source: ImageSource.clone(golden) });
      scene.vm('web1', { rootDisk: { image: root } });
    });
    const grants = [
      'profile rbd-read-only pool=base',
      'profile rbd pool=ec',
      'profile rbd-read-only pool=images',
      'profile rbd pool=vms',
    ].join(', ');
    expect(fields('terraform_data.libvirt_spec').caps).toEqual({ mon: 'profile rbd', osd: grants, mgr: grants });
  });

  it('takes variables for numbers, sizes and texts', () => {
    const { fields, context, at } = synth((stack) => {
      const text = new TerraformVariable(stack, 'text', { type: 'string' }).stringValue;
      const count = new TerraformVariable(stack, 'count', { type: 'number' }).numberValue;
      const scene = new Scene(stack, driver);
      scene.vm('web1', {
        vmName: text,
        description: `the ${text}`,
        vcpus: count,
        maxVcpus: count,
        memory: Size.gibibytes(count),
        maxMemory: Size.gibibytes(count),
        machineType: text,
        cpuMode: 'custom',
        cpuModel: text,
        serialLogFile: text,
        shutdownTimeout: Duration.minutes(count),
        rootDisk: { image: scene.image('i'), serial: text, bootIndex: count },
        networkInterfaces: [{ source: NetworkSource.bridge(text, { vlan: count }), macAddress: text, model: text }],
      });
    });
    expect({ ...context('terraform_data.web1_spec'), ...fields('terraform_data.web1_spec') }).toMatchObject({
      name: '${var.text}',
      description: 'the ${var.text}',
      vcpus: '${var.count}',
      memory: '${var.count} GiB',
      shutdownTimeout: '${var.count} minutes',
      networkInterfaces: [{ bridge: '${var.text}', vlan: '${var.count}', macAddress: '${var.text}' }],
    });
    const json = driver === LibvirtDriver.PROVIDER ? JSON.stringify(at('libvirt_domain.kvm1-web1')) : '';
    expect(json).not.toContain('TfToken');
    expect(json.includes('-8.1') || json.includes('null')).toBe(false);
  });

  it('contains no key', () => {
    expect(synth(made({}, driver)).text).not.toMatch(/get-key|base64|secret-set-value/);
  });

  it('follows the registry entries of its data disks with VIRSH, so that an old state unplugs none; with PROVIDER this would replace it', () => {
    const { at, fields } = synth(made({ dataDisks: [{ target: 'vdb', size: Size.gibibytes(5) }] }, driver));
    const isFollowed = driver === LibvirtDriver.VIRSH;
    const id = 'terraform_data.kvm1_disk_attachments["web1/vdb"].id';
    const [spec, confirmed] = [at('terraform_data.web1_spec'), at('terraform_data.web1_spec_confirmed')];
    expect(spec.lifecycle).toEqual(isFollowed ? { replace_triggered_by: [id] } : undefined);
    expect(confirmed.triggers_replace.object).toBe(`\${terraform_data.web1_spec.id}${isFollowed ? ` \${${id}}` : ''}`);
    for (const { provisioner } of [spec, confirmed]) {
      const given: string = provisioner[0]['local-exec'].environment.CDKTF_LIBVIRT_CEPH_SPEC;
      expect(given.includes(`{ diskEntryIds = { vdb = ${id} } }`)).toBe(isFollowed);
    }
    // A plan shows the fields, and ids say nothing to a reader.
    expect(JSON.stringify(fields('terraform_data.web1_spec'))).not.toContain('kvm1_disk_attachments');
  });

  it('refers to no id or output of another resource except its own registry entries', () => {
    const { json } = synth(made({ dataDisks: [{ target: 'vdb', size: Size.gibibytes(5) }] }, driver));
    const resources = Object.values(json.resource).flatMap((named) => Object.entries(named as object));
    // A confirmation follows its object, a start follows the definition, and the registry that stops a VM before its
    // provider deletes it follows the VM's object.
    for (const [, resource] of resources.filter(([name]) => !/^kvm1_domain_stops$|_(confirmed|started)$/.test(name))) {
      const references =
        JSON.stringify(resource).match(/\b(?:terraform_data|libvirt_\w+)\.[\w-]+(?:\[[^\]]*\])?\.\w+/g) ?? [];
      const entries = new Set(references);
      expect([...entries].filter((one) => !/^terraform_data\.(ceph|kvm1)_[a-z_]+\[[^\]]*\]\.id$/.test(one))).toEqual(
        [],
      );
      expect(entries.size).toBeLessThanOrEqual(driver === LibvirtDriver.VIRSH ? 2 : 1); // with the data disk's
    }
  });

  it.each<[string, Partial<RbdBackedVmProps>, string]>([
    ['vcpus 0', { vcpus: 0 }, 'vcpus-range'],
    ['vcpus 4097', { vcpus: 4097 }, 'vcpus-range'],
    ['memory 0', { memory: Size.gibibytes(0) }, 'memory-range'],
    ['memory of half a KiB', { memory: Size.bytes(512) }, 'memory-unit'],
    ['maxVcpus below vcpus', { vcpus: 4, maxVcpus: 3 }, 'max-vcpus-range'],
    ['maxMemory below memory', { maxMemory: Size.mebibytes(255) }, 'max-memory'],
    ['shutdownTimeout 0', { shutdownTimeout: Duration.seconds(0) }, 'shutdown-timeout'],
    ['a description with control characters', { description: 'a\0' }, 'description-text'],
    ['a machine type with quotes', { machineType: "q35'" }, 'machine-type-form'],
    ['an unknown CPU mode', { cpuMode: 'fast' }, 'cpu-mode'],
    ['a CPU model without the mode custom', { cpuModel: 'qemu64' }, 'cpu-model'],
    ['a relative log file', { serialLogFile: 'web1.log' }, 'serial-log-file'],
    ["libvirt's own log file", { serialLogFile: '/var/log/libvirt/qemu/web1.log' }, 'serial-log-file'],
  ])('fails for %s', (_, props, code) => {
    expect(codes(withProps(props, driver))).toEqual([code]);
  });
});

describe('RbdBackedVm', () => {
  it('takes vcpus from 1 to 4096 and memory from 1 KiB', () => {
    expect(codesOf(withProps({ vcpus: 1, memory: Size.kibibytes(1) }))).toEqual([]);
    expect(codesOf(withProps({ vcpus: 4096, maxVcpus: 4096, maxMemory: Size.mebibytes(256) }))).toEqual([]);
  });

  it('fails with both faults when there are two', () => {
    const { violations } = refusal(withProps({ vcpus: 0, memory: Size.bytes(0) }));
    expect(violations.map(({ message }) => message)).toEqual([
      "'vcpus' must be a whole number from 1 to 4096, got 0; give the VM at least one",
      "'memory' must be above zero, in whole bytes, got 0 bytes; use, for example, Size.gibibytes(20)",
    ]);
  });

  it.each(["a'b", 'a"b', '$(id)', 'a\nb', '', 'a/b', '${x}'])('fails for the vmName %j', (vmName) => {
    expect(codes(withProps({ vmName }))).toEqual(['vm-name-form']);
  });

  it('fails without storage and secret, and with both', () => {
    expect(codes(withProps({ secret: undefined }))).toEqual(['vm-storage-or-secret']);
    const both = (stack: TerraformStack): void => {
      const scene = new Scene(stack);
      const { host, cluster, secret } = scene;
      const storage = new CephRbdStoragePool(stack, 'st', { host, cluster, poolName: 'vms' });
      scene.vm('web1', { storage, secret });
    };
    expect(codes(both)).toEqual(['vm-storage-or-secret']);
  });

  it('fails when it has no pool in which to create an image', () => {
    expect(codes(withProps({ rootDisk: { size: Size.gibibytes(1) } }))).toEqual(['disk-image-pool']);
  });

  it('fails when two VMs claim the same name on a host, and takes the same name on two hosts', () => {
    const two = (second: string) => (stack: TerraformStack) => {
      const scene = new Scene(stack);
      const other = second === 'kvm1' ? scene.host : hostOf(stack, undefined, second);
      const storage = new CephRbdStoragePool(stack, 'st', { host: other, cluster: scene.cluster });
      scene.vm('a', { vmName: 'web' });
      scene.vm('b', { vmName: 'web', storage });
    };
    expect(codesOf(two('kvm2'))).toEqual([]);
    expect(refusal(two('kvm1')).message).toContain(
      "the VM 'web' on qemu+ssh://root@kvm1/system already belongs to 'stack/a'",
    );
  });

  it.each(DRIVERS)('accepts a machine that needs nothing unsupported (%s)', (driver) => {
    expect(codesOf(withProps({ firmware: Firmware.BIOS, tpm: false }, driver))).toEqual([]);
  });

  it('fails for a TPM on a host with PROVIDER, with the reason, both with a secret and with storage', () => {
    const { PROVIDER } = LibvirtDriver;
    const withStorage = (stack: TerraformStack): void => {
      const scene = new Scene(stack, PROVIDER);
      const storage = new CephRbdStoragePool(stack, 'st', { host: scene.host, cluster: scene.cluster });
      scene.vm('web1', { storage, tpm: true });
    };
    for (const build of [withProps({ tpm: true }, PROVIDER), withStorage]) {
      const error = refusal(build);
      expect(error.violations.map(({ code }) => code)).toEqual(['tpm-driver']);
      expect(error.message).toContain(
        "'tpm' must not be used with LibvirtDriver.PROVIDER, got true: there every change replaces the VM, which deletes the state of its TPM",
      );
    }
    expect(codesOf(withProps({ tpm: true }, LibvirtDriver.VIRSH))).toEqual([]);
  });
});

describe('A network interface', () => {
  const nic = (props: object, source = NetworkSource.network('default')) =>
    withProps({ networkInterfaces: [{ source, ...props }] });

  it.each(["br'0", '$(id)', 'a\nb', '', 'a b'])('fails for the network, bridge or device %j', (name) => {
    expect(codes(nic({}, NetworkSource.network(name)))).toEqual(['network-source-form']);
    expect(codes(nic({}, NetworkSource.bridge(name)))).toEqual(['network-source-form']);
    expect(codes(nic({}, NetworkSource.macvtap(name)))).toEqual(['network-source-form']);
  });

  it('takes VLANs from 1 to 4094 and fails outside that range', () => {
    const vlan = (tag: number): string[] => codesOf(nic({}, NetworkSource.bridge('br0', { vlan: tag })));
    expect([1, 4094].flatMap(vlan)).toEqual([]);
    expect([0, 4095, 1.5].flatMap(vlan)).toEqual(['network-vlan', 'network-vlan', 'network-vlan']);
  });

  it.each(['52:54:00', '53:54:00:00:00:01', '52-54-00-00-00-01', 'zz:54:00:00:00:01', ''])(
    'fails for the MAC address %j',
    (macAddress) => {
      expect(codes(nic({ macAddress }))).toEqual(['mac-address-form']);
    },
  );

  it('fails for a MAC address that is taken, in upper or lower case', () => {
    expect(
      codes((stack) => {
        const vm = nic({ macAddress: '52:54:00:00:00:0a' })(stack);
        vm.addNetworkInterface({ source: NetworkSource.network('b'), macAddress: '52:54:00:00:00:0A' });
      }),
    ).toEqual(['claimed-twice']);
  });

  it('fails for a model with quotes', () => {
    expect(codes(nic({ model: "virtio'" }))).toEqual(['network-model-form']);
  });

  it('keeps its MAC address when an interface before it is removed', () => {
    const b = { source: NetworkSource.network('b') };
    const both = withProps({ networkInterfaces: [{ source: NetworkSource.network('a') }, b] });
    const macs = (build: (stack: TerraformStack) => RbdBackedVm): string[] =>
      synth(build)
        .fields('terraform_data.web1_spec')
        .networkInterfaces.map(({ macAddress }: { macAddress: string }) => macAddress);
    expect(macs(withProps({ networkInterfaces: [b] }))[0]).toBe(macs(both)[1]);
  });
});

describe('A VM of another client', () => {
  it('grants nothing to a client from fromClientId', () => {
    const { addresses } = synth((stack) => {
      const cluster = clusterOf(stack);
      const client = CephClient.fromClientId(stack, 'c', { cluster, clientId: 'theirs' });
      const storage = new CephRbdStoragePool(stack, 'storage', { host: hostOf(stack), cluster, clientId: 'theirs' });
      expect(storage.client).toBe(client);
      new RbdBackedVm(stack, 'web1', {
        storage,
        vcpus: 1,
        memory: Size.gibibytes(1),
        rootDisk: { size: Size.gibibytes(1) },
      });
    });
    expect(addresses).not.toContain('terraform_data.storage-client_spec');
  });
});

describe('addXml', () => {
  const fields = (build: (vm: RbdBackedVm) => void) =>
    synth((stack) => build(withProps({})(stack))).fields('terraform_data.web1_spec').xml as unknown;

  it('puts each fragment and its parent into the fields of the VM', () => {
    expect(
      fields((vm) => {
        vm.addXml('<watchdog model="itco"/>');
        vm.addXml('<kvm><hidden state="on"/></kvm>', 'features');
      }),
    ).toEqual([
      { fragment: '<watchdog model="itco"/>' },
      { fragment: '<kvm><hidden state="on"/></kvm>', parent: 'features' },
    ]);
    expect(fields(() => undefined)).toBeUndefined();
  });

  it('carries text that Terraform would interpret', () => {
    expect(fields((vm) => vm.addXml('<a b="${c}"/>'))).toEqual([{ fragment: '<a b="$${c}"/>' }]);
  });

  it.each([
    ['<watchdog>', undefined, 'add-xml-fragment'],
    ['<a/><b/>', undefined, 'add-xml-fragment'],
    ['<a>\u0000</a>', undefined, 'add-xml-fragment'],
    ['<a/>', 'a[1]', 'add-xml-parent'],
  ])('fails for %s in %s', (fragment, parent, code) => {
    expect(codes((stack) => withProps({})(stack).addXml(fragment, parent))).toEqual([code]);
  });

  it('fails with PROVIDER, and suggests domainResource', () => {
    const error = refusal((stack) => withProps({}, LibvirtDriver.PROVIDER)(stack).addXml('<watchdog model="itco"/>'));
    expect(error.code).toBe('add-xml-driver');
    expect(error.message).toContain('use domainResource.addOverride');
  });
});
