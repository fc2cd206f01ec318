import { TerraformVariable } from 'cdktf';
import {
  CephClient,
  CephPool,
  CephRbdStoragePool,
  DomainType,
  Duration,
  ImageSource,
  LibvirtDriver,
  NetworkSource,
  RbdBackedVm,
  RbdImage,
  RestartPolicy,
  Size,
} from '../../constructs';
import { stableUuid } from '../../lib/model';
import { clusterOf, DRIVERS, hostOf, Scene } from '../helpers/scene';
import { codes, refusal, synth } from '../helpers/synth';
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
});

describe('The client of a VM', () => {
  it('is granted nothing when it comes from fromClientId', () => {
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
