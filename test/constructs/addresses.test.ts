import { homedir, tmpdir } from 'node:os';
import { Construct } from 'constructs';
import { TerraformResource, type TerraformStack } from 'cdktf';
import {
  CephPool,
  CephRbdStoragePool,
  ImageSource,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../constructs';
import { clusterOf, DRIVERS, hostOf, Scene } from '../helpers/scene';
import { refusal, synth } from '../helpers/synth';

/** The stack of the README. */
const whole = (driver: LibvirtDriver) => (stack: TerraformStack) => {
  const cluster = clusterOf(stack);
  const host = hostOf(stack, driver);
  const storage = new CephRbdStoragePool(stack, 'storage', { host, cluster, poolName: 'libvirt-pool' });
  const debian = new RbdImage(stack, 'debian-12', { pool: storage.pool, source: ImageSource.file('debian-12.qcow2') });
  new RbdBackedVm(stack, 'web1', {
    storage,
    vcpus: 2,
    memory: Size.gibibytes(4),
    rootDisk: { source: ImageSource.clone(debian), size: Size.gibibytes(20) },
    dataDisks: [{ target: 'vdb', size: Size.gibibytes(5) }],
  });
};

// They stand in users' state: a change of one here is a change that replaces what users have.
const OBJECTS = [
  'debian-12_spec',
  'storage_spec',
  'storage-client_spec',
  'storage-pool_spec',
  'storage-secret_spec',
  'web1_spec',
  'web1-root_spec',
  'web1-vdb_spec',
];
const REGISTRIES = [
  ...['ceph_clients', 'ceph_images', 'ceph_pools', 'ceph_snapshots'],
  ...['kvm1_client_configs', 'kvm1_disk_attachments', 'kvm1_domains', 'kvm1_secrets', 'kvm1_storage_pools'],
];

describe.each(DRIVERS)('Addresses with %s', (driver) => {
  it('name objects without their host, registries by cluster and host, provider resources by host and path', () => {
    const provided =
      driver === LibvirtDriver.PROVIDER
        ? [
            'libvirt_domain.kvm1-web1',
            'libvirt_pool.kvm1-storage',
            'terraform_data.kvm1_domain_stops',
            'terraform_data.web1_started',
          ]
        : [];
    const confirmed = OBJECTS.map((name) => `${name}_confirmed`);
    const data = [...OBJECTS, ...confirmed, ...REGISTRIES].map((name) => `terraform_data.${name}`);
    expect(synth(whole(driver)).addresses).toEqual([...provided, ...data].sort());
  });

  it('make registries depend on each other in creation order, so that removal runs in reverse', () => {
    const { at } = synth(whole(driver));
    const order = [
      'ceph_pools',
      'ceph_clients',
      'ceph_images',
      'ceph_snapshots',
      'kvm1_secrets',
      'kvm1_client_configs',
      'kvm1_storage_pools',
      'kvm1_disk_attachments',
      'kvm1_domains',
    ];
    const after = order.map((name) => at(`terraform_data.${name}`).depends_on ?? []);
    expect(after).toEqual([[], ...order.slice(0, -1).map((name) => [`terraform_data.${name}`])]);
  });

  it('give every object a registry entry that is created before it', () => {
    const { at } = synth(whole(driver));
    const entries = OBJECTS.map((name) => at(`terraform_data.${name}`).triggers_replace.entryId as string);
    expect(entries).toEqual([
      '${terraform_data.ceph_images["libvirt-pool/debian-12"].id}',
      '${terraform_data.kvm1_storage_pools["storage"].id}',
      '${terraform_data.ceph_clients["libvirt"].id}',
      '${terraform_data.ceph_pools["libvirt-pool"].id}',
      '${terraform_data.kvm1_secrets["client.libvirt secret"].id}',
      '${terraform_data.kvm1_domains["web1"].id}',
      '${terraform_data.ceph_images["libvirt-pool/web1-root"].id}',
      '${terraform_data.ceph_images["libvirt-pool/web1-vdb"].id}',
    ]);
  });

  it('have one kind of provisioner each: registries remove at destroy, objects ensure at create', () => {
    const { at } = synth(whole(driver));
    const shape = (name: string): [string | undefined, string | undefined] => {
      const { when, command } = at(`terraform_data.${name}`).provisioner[0]['local-exec'];
      return [when, String(command).split(' ').at(-1)];
    };
    expect(OBJECTS.map(shape)).toEqual(OBJECTS.map(() => [undefined, 'ensure']));
    expect(REGISTRIES.map(shape)).toEqual(REGISTRIES.map(() => ['destroy', 'remove']));
  });

  it('appear in JSON that holds no path of this machine apart from the state backend', () => {
    const { json } = synth(whole(driver));
    const texts =
      JSON.stringify({ ...json, terraform: { ...json.terraform, backend: undefined } }).match(/"[^"]*"/g) ?? [];
    expect(texts.filter((text) => text.startsWith('"/'))).toEqual(
      driver === LibvirtDriver.PROVIDER ? ['"/dev/urandom"'] : [],
    );
    const places = [process.cwd(), tmpdir(), homedir()];
    expect(texts.filter((text) => places.some((place) => text.includes(`${place}/`)))).toEqual([]);
  });
});

describe('Addresses', () => {
  it('with PROVIDER make the domain depend on its object and replace it together with the object', () => {
    const { at } = synth(whole(LibvirtDriver.PROVIDER));
    expect(at('libvirt_domain.kvm1-web1')).toMatchObject({
      provider: 'libvirt.kvm1',
      depends_on: ['terraform_data.web1_spec_confirmed'],
      lifecycle: { replace_triggered_by: ['terraform_data.web1_spec_confirmed'] },
    });
  });

  it('follow the construct path below other constructs, for a cluster and a host too', () => {
    const { addresses } = synth((stack) => {
      const site = new Construct(stack, 'site');
      const cluster = clusterOf(site);
      hostOf(site, LibvirtDriver.PROVIDER);
      new CephPool(new Construct(site, 'rack'), 'vms', { cluster });
    });
    expect(addresses).toEqual(
      expect.arrayContaining([
        'terraform_data.site-rack-vms_spec',
        'terraform_data.site-ceph_pools',
        'terraform_data.site-kvm1_domains',
      ]),
    );
  });

  it('fail when two constructs share one, and name both', () => {
    const { code, message } = refusal((stack) => {
      const scene = new Scene(stack);
      scene.image('web.1');
      scene.image('web-1');
    });
    expect(code).toBe('claimed-twice');
    expect(message).toContain(
      "stack/web-1: terraform_data.web-1_spec already belongs to 'stack/web.1'; give one of the two another construct id",
    );
  });

  it('fail when the path of one construct equals the id of another', () => {
    expect(
      refusal((stack) => {
        const scene = new Scene(stack);
        scene.image('web1-root');
        const storage = new CephRbdStoragePool(stack, 'st', {
          host: scene.host,
          cluster: scene.cluster,
          poolName: 'vms',
        });
        scene.vm('web1', { storage, vmName: 'other', rootDisk: { size: Size.gibibytes(1) } });
      }).code,
    ).toBe('claimed-twice');
  });

  it('of other resources are waited for after node.addDependency', () => {
    const { at } = synth((stack) => {
      const network = new TerraformResource(stack, 'net', { terraformResourceType: 'libvirt_network' });
      network.addOverride('name', 'lan');
      new Scene(stack).vm('web1').node.addDependency(network);
    });
    expect(at('terraform_data.web1_spec').depends_on).toContain('libvirt_network.net');
  });
});
