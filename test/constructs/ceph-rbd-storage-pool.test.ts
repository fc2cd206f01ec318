import type { TerraformStack } from 'cdktf';
import {
  CephClient,
  CephPool,
  CephRbdStoragePool,
  LibvirtCephSecret,
  LibvirtDriver,
  type CephRbdStoragePoolProps,
} from '../../constructs';
import { stableUuid } from '../../lib/model';
import { clusterOf, DRIVERS, hostOf, Scene } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const short =
  (props: Partial<CephRbdStoragePoolProps> = {}, driver?: LibvirtDriver) =>
  (stack: TerraformStack): CephRbdStoragePool =>
    new CephRbdStoragePool(stack, 'storage', { host: hostOf(stack, driver), cluster: clusterOf(stack), ...props });
const long =
  (props: Partial<CephRbdStoragePoolProps> = {}, driver?: LibvirtDriver) =>
  (stack: TerraformStack): CephRbdStoragePool => {
    const { host, pool, client, secret } = new Scene(stack, driver);
    return new CephRbdStoragePool(stack, 'storage', { host, pool, client, secret, ...props });
  };

describe.each(DRIVERS)('CephRbdStoragePool with %s', (driver) => {
  it('takes its name from its id, starts with the host by default, and waits for pool, client and secret', () => {
    const { fields, entries, at } = synth(long({}, driver));
    const { project, stack } = entries('terraform_data.kvm1_storage_pools').storage.owner;
    const definition = {
      name: 'storage',
      uuid: stableUuid('storage-pool', `${project}/${stack}/storage`),
      cephPool: 'vms',
      monitors: ['10.0.0.11', '10.0.0.12:6789'],
      clientId: 'libvirt',
      secretUsage: 'client.libvirt secret',
      secretUuid: stableUuid('ceph-secret', 'client.libvirt secret'),
    };
    expect(fields('terraform_data.storage_spec')).toEqual({ ...definition, autostart: true, driver });
    expect(entries('terraform_data.kvm1_storage_pools').storage).toMatchObject(definition);
    expect(at('terraform_data.storage_spec').depends_on).toEqual([
      'terraform_data.kvm1_storage_pools',
      'terraform_data.vms_spec_confirmed',
      'terraform_data.libvirt_spec_confirmed',
      'terraform_data.secret_spec_confirmed',
    ]);
  });

  it('passes every prop on', () => {
    const { fields } = synth(long({ storagePoolName: 'rbd', autostart: false }, driver));
    expect(fields('terraform_data.storage_spec')).toMatchObject({ name: 'rbd', autostart: false });
  });

  it('grants its client access to the pool', () => {
    const { fields } = synth(long({}, driver));
    expect(fields('terraform_data.libvirt_spec').caps.osd).toBe('profile rbd pool=vms');
  });

  it("creates 'pool', 'client' and 'secret' as its children in the short form", () => {
    const { addresses, fields } = synth(short({ poolName: 'libvirt-pool' }, driver));
    expect(addresses).toEqual(
      expect.arrayContaining(['', '-client', '-pool', '-secret'].map((child) => `terraform_data.storage${child}_spec`)),
    );
    expect(fields('terraform_data.storage-pool_spec').name).toBe('libvirt-pool');
    expect(fields('terraform_data.storage-client_spec').id).toBe('libvirt');
    expect(fields('terraform_data.storage-secret_spec').usage).toBe('client.libvirt secret');
  });

  it('names the pool by its id and takes a clientId in the short form', () => {
    const { fields } = synth(short({ clientId: 'vm' }, driver));
    expect(fields('terraform_data.storage_spec')).toMatchObject({ cephPool: 'storage', clientId: 'vm' });
  });

  it('uses what the stack already has in the short form: whichever construct needs it first creates it', () => {
    const { addresses, fields } = synth((stack) => {
      const cluster = clusterOf(stack);
      const host = hostOf(stack, driver);
      new CephRbdStoragePool(stack, 'a', { host, cluster, poolName: 'vms' });
      new CephRbdStoragePool(stack, 'b', { host, cluster, poolName: 'vms' });
      new CephRbdStoragePool(stack, 'c', { host, cluster, poolName: 'more' });
      new CephRbdStoragePool(stack, 'd', { host: hostOf(stack, driver, 'kvm2'), cluster, poolName: 'vms' });
    });
    const made = addresses.filter((address) => /-(pool|client|secret)_spec$/.test(address));
    expect(made).toEqual(
      ['a-client', 'a-pool', 'a-secret', 'c-pool', 'd-secret'].map((one) => `terraform_data.${one}_spec`),
    );
    expect(fields('terraform_data.a-client_spec').caps.osd).toBe('profile rbd pool=more, profile rbd pool=vms');
  });

  it('also uses from... references in the short form, and grants nothing to a client that is not ours', () => {
    const { addresses } = synth((stack) => {
      const cluster = clusterOf(stack);
      const host = hostOf(stack, driver);
      const client = CephClient.fromClientId(stack, 'c', { cluster, clientId: 'libvirt' });
      CephPool.fromPoolName(stack, 'p', { cluster, poolName: 'vms' });
      LibvirtCephSecret.fromUsage(stack, 's', { host, client, usage: 'theirs' });
      const storage = new CephRbdStoragePool(stack, 'storage', { host, cluster, poolName: 'vms' });
      expect(storage.secret.usage).toBe('theirs');
    });
    expect(addresses.filter((address) => address.startsWith('terraform_data.storage'))).toEqual([
      'terraform_data.storage_spec',
      'terraform_data.storage_spec_confirmed',
    ]);
  });

  it('contains no key', () => {
    expect(synth(short({}, driver)).text).not.toMatch(/get-key|base64|secret-set-value/);
  });
});

describe('CephRbdStoragePool', () => {
  it('with PROVIDER is a libvirt_pool at an address with its host, and depends on its object', () => {
    const { one, at } = synth((stack) => {
      expect(long({}, LibvirtDriver.PROVIDER)(stack).poolResource).toBeDefined();
    });
    const pool = one('libvirt_pool');
    expect(pool).toBe(at('libvirt_pool.kvm1-storage'));
    expect(pool).toMatchObject({
      provider: 'libvirt.kvm1',
      name: 'storage',
      type: 'rbd',
      create: { build: false, start: true, autostart: true },
      destroy: { delete: false },
      source: {
        name: 'vms',
        host: [{ name: '10.0.0.11' }, { name: '10.0.0.12', port: '6789' }],
        auth: {
          type: 'ceph',
          username: 'libvirt',
          secret: { uuid: stableUuid('ceph-secret', 'client.libvirt secret') },
        },
      },
      depends_on: ['terraform_data.storage_spec_confirmed'],
      lifecycle: { replace_triggered_by: ['terraform_data.storage_spec_confirmed'] },
    });
  });

  it('with VIRSH has no provider resource', () => {
    const { addresses } = synth((stack) => {
      expect(long({}, LibvirtDriver.VIRSH)(stack).poolResource).toBeUndefined();
    });
    expect(addresses.filter((address) => !address.startsWith('terraform_data.'))).toEqual([]);
  });

  it.each<[string, Partial<CephRbdStoragePoolProps>]>([
    ['no way', { cluster: undefined }],
    ['only a poolName', { cluster: undefined, poolName: 'vms' }],
  ])('fails for %s', (_, props) => {
    expect(codes(short(props))).toEqual(['storage-pool-ways']);
  });

  it('fails for half of the long form and for both forms together, and shows what it got', () => {
    expect(codes(long({ secret: undefined }))).toEqual(['storage-pool-ways']);
    expect(refusal(long({ poolName: 'x' })).message).toContain(
      "got 'pool', 'client', 'secret', 'poolName'; use one of the two forms",
    );
  });

  it.each(["a'b", '$(id)', 'a\nb', '', 'a/b'])('fails for the name %j', (storagePoolName) => {
    expect(codes(short({ storagePoolName }))).toEqual(['storage-pool-name-form']);
  });

  it('fails with both faults when there are two', () => {
    expect(codes(short({ storagePoolName: '', cluster: undefined }))).toEqual([
      'storage-pool-name-form',
      'storage-pool-ways',
    ]);
  });

  it('fails when the secret belongs to another host or client', () => {
    expect(
      codes((stack) => {
        const { pool, client, secret } = new Scene(stack);
        new CephRbdStoragePool(stack, 'storage', { host: hostOf(stack, undefined, 'kvm2'), pool, client, secret });
      }),
    ).toEqual(['storage-pool-secret-host']);
    expect(
      codes((stack) => {
        const { cluster, host, pool, secret } = new Scene(stack);
        const client = new CephClient(stack, 'other', { cluster });
        new CephRbdStoragePool(stack, 'storage', { host, pool, client, secret });
      }),
    ).toEqual(['storage-pool-secret-client']);
  });

  it('fails when two constructs claim the same storage pool of a host', () => {
    const { message } = refusal((stack) => {
      const host = hostOf(stack);
      const cluster = clusterOf(stack);
      new CephRbdStoragePool(stack, 'a', { host, cluster, storagePoolName: 'x' });
      new CephRbdStoragePool(stack, 'b', { host, cluster, storagePoolName: 'x' });
    });
    expect(message).toContain("the storage pool 'x' on qemu+ssh://root@kvm1/system already belongs to 'stack/a'");
  });

  it('fails when a construct claims what the short form created before', () => {
    expect(
      codes((stack) => {
        const { pool } = short({ poolName: 'vms' })(stack);
        new CephPool(stack, 'vms', { cluster: pool.cluster });
      }),
    ).toEqual(['claimed-twice']);
  });

  it('creates nothing when it is referenced by name, and takes host and client from the secret', () => {
    const build = (stack: TerraformStack): void => {
      const { pool, secret } = new Scene(stack);
      const storage = CephRbdStoragePool.fromStoragePoolName(stack, 'storage', {
        secret,
        pool,
        storagePoolName: 'theirs',
      });
      expect([storage.host, storage.client]).toEqual([secret.host, secret.client]);
    };
    expect(synth(build).addresses).not.toContain('terraform_data.storage_spec');
    expect(codesOf(build)).toEqual([]);
  });
});
