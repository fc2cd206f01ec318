import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephClient,
  CephPool,
  Duration,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const FOREIGN = 'allow r pool=device_health_metrics';

interface Parts {
  readonly keyGeneration?: number;
  /** Which of the two clients are in the code; the VM uses the last of them. */
  readonly clients?: readonly ('one' | 'two')[];
  readonly readOther?: boolean;
}

describeByDriver('A client, its capabilities and its key, day after day', (driver, prefix) => {
  const once = onceFor(driver);
  const name = `${prefix}auth`;
  const [pool, other, vm, one, two] = [`${name}-pool`, `${name}-other`, `${name}-vm`, `${name}-one`, `${name}-two`];
  const log = `${vm}-console.log`;
  const deployment = new Deployment(name);
  const folder = mkdtempSync(join(tmpdir(), 'clc-keys-'));
  let admin: Admin;

  const stackWith =
    ({ keyGeneration, clients = ['one'], readOther }: Parts = {}) =>
    (stack: TerraformStack): void => {
      const { ceph, host } = world(stack, lab(), driver);
      const cephPool = new CephPool(stack, pool, { cluster: ceph });
      const golden = new RbdImage(stack, 'golden', {
        pool: cephPool,
        source: ImageSource.file(lab().bootSectorImage),
      });
      const [secret] = clients
        .map((id) => {
          const generation = id === 'one' ? keyGeneration : undefined;
          const client = new CephClient(stack, `${name}-${id}`, { cluster: ceph, keyGeneration: generation });
          cephPool.grantReadWrite(client);
          if (readOther)
            CephPool.fromPoolName(stack, 'other', { cluster: ceph, poolName: other }).grantReadOnly(client);
          const second = { host, client, usage: `${name}-${id} second`, private: false };
          new LibvirtCephSecret(stack, `${name}-${id}-second`, second);
          return new LibvirtCephSecret(stack, `${name}-${id}-secret`, { host, client, private: false });
        })
        .slice(-1);
      new RbdBackedVm(stack, vm, {
        secret,
        vcpus: 1,
        memory: Size.mebibytes(64),
        rootDisk: { image: new RbdImage(stack, `${name}-root`, { pool: cephPool, source: ImageSource.clone(golden) }) },
        serialLogFile: `/var/log/libvirt/qemu/${log}`,
        shutdownTimeout: Duration.seconds(2),
      });
    };

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool, other);
    await admin.ceph('osd', 'pool', 'create', other, '1');
    const from = admin.console(log).length;
    await deployment.deploy(stackWith());
    await admin.seen(log, /^DISK vda BOOTS/, from);
  });

  afterAll(async () => {
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.clear(name);
  });

  once('a difference in capabilities is shown and corrected, and what others gave it stays', async () => {
    await admin.ceph(
      'auth',
      'caps',
      `client.${one}`,
      'mon',
      'profile rbd',
      'osd',
      `${FOREIGN}, profile rbd pool=${pool}`,
    );
    expect((await deployment.differences()).join('\n')).toContain(`'mgr profile rbd pool=${pool}' is missing`);
    const output = await deployment.deploy(stackWith({ readOther: true }));
    expect(output).toContain(`'osd profile rbd-read-only pool=${other}' is missing`);
    expect(await caps()).toEqual({
      mon: 'profile rbd',
      mgr: `profile rbd-read-only pool=${other}, profile rbd pool=${pool}`,
      osd: `${FOREIGN}, profile rbd pool=${pool}, profile rbd-read-only pool=${other}`,
    });
    const back = await deployment.deploy(stackWith());
    expect(back).toContain(`'osd profile rbd-read-only pool=${other}' is no longer wanted`);
    expect((await caps())['osd']).toBe(`${FOREIGN}, profile rbd pool=${pool}`);
  });

  describe('Rotation in place, with keyGeneration', () => {
    let old: string;

    // With PROVIDER, too: day2/vm.
    once('seed 7: the new key works, in every secret at once, the old one does not, and the VM runs on', async () => {
      old = await key(one);
      const id = await admin.virsh('domid', vm);
      const output = await deployment.deploy(stackWith({ keyGeneration: 2 }));
      expect(output).toContain('the old key is void; existing connections last until their tickets expire');
      expect(await key(one)).not.toBe(old);
      expect(await opens(one, old)).toMatch(/Permission denied|Operation not permitted|error connecting/);
      expect(await opens(one, await key(one))).toBe('');
      for (const usage of [`client.${one} secret`, `${one} second`]) expect(await valueOf(usage)).toBe(await key(one));
      expect(await admin.virsh('domid', vm)).toBe(id);
      await admin.virsh('blockresize', vm, 'vda', '72M'); // its QEMU still writes to Ceph
      expect(await admin.rbd('info', `${pool}/${name}-root`)).toContain('size 72 MiB');
    });

    once('the VM starts with the new key', async () => {
      const from = admin.console(log).length;
      await admin.virsh('destroy', vm);
      await admin.virsh('start', vm);
      expect(await admin.seen(log, /^DISK vda BOOTS/, from)).toBeTruthy();
    });

    once('only a higher number rotates: not a second apply, a taint, a lower number or none', async () => {
      const rotated = await key(one);
      await deployment.must('apply', '-auto-approve');
      await deployment.must('taint', `terraform_data.${one}_spec`);
      await deployment.must('taint', `terraform_data.${one}-secret_spec`);
      await deployment.deploy(stackWith({ keyGeneration: 2 }));
      const output = await deployment.deploy(stackWith({ keyGeneration: 1 }));
      expect(output.replace(/\n/g, ' ')).toContain(
        'its key has generation 2, so 1 has no effect; a new key needs a number above 2',
      );
      await deployment.deploy(stackWith());
      expect(await key(one)).toBe(rotated);
      expect(await valueOf(`client.${one} secret`)).toBe(rotated);
    });
  });

  describe('Rotation with a successor', () => {
    // With PROVIDER a VM whose client changes is replaced, and so switches at once.
    const stays = driver === LibvirtDriver.VIRSH;
    const user = stays ? vm : `${name}-by-hand`;

    test('a VM moves to another client at its next boot', async () => {
      const id = await admin.virsh('domid', vm);
      await deployment.deploy(stackWith({ clients: ['one', 'two'] }));
      expect((await admin.virsh('domid', vm)) === id).toBe(stays);
      expect(await admin.virsh('dumpxml', vm)).toContain(`<auth username='${stays ? one : two}'>`);
      expect(await admin.virsh('dumpxml', '--inactive', vm)).toContain(`<auth username='${two}'>`);
      if (!stays) await startByHand();
    });

    test('fails to remove the old client while a VM still runs with it', async () => {
      const said = await deployment.failToDeploy(stackWith({ clients: ['two'] }));
      expect(said).toContain(`secret 'client.${one} secret' is used by VM '${user}'`);
      expect(await admin.virsh('secret-list')).toContain(`client.${one} secret`);
      expect(await key(one)).toBeTruthy();
    });

    once(
      'fails to remove a client while anything is connected with it, even without a secret that we know',
      async () => {
        const [{ spec }] = [(await deployment.specs())[two] as { spec: object }];
        const own = JSON.parse(await admin.ceph('config-key', 'get', `cdktf-libvirt-ceph/client/${one}`)) as {
          entryId: string;
        };
        const removal = { ...spec, id: one, entryId: own.entryId, removalPolicy: 'delete' };
        const { exitCode, stderr } = await deployment.script('ceph-client', 'remove', removal);
        expect(exitCode).toBe(1);
        expect(stderr).toMatch(new RegExp(String.raw`'client\.${one}' is in use by client\.\d+ at `));
        expect(await key(one)).toBeTruthy();
      },
    );

    test('the old client is removed once the VM was restarted', async () => {
      await admin.virsh('destroy', user);
      if (stays) await admin.virsh('start', user);
      await deployment.deploy(stackWith({ clients: ['two'] }));
      const left = await admin.inventory(`${name}-`);
      expect(left.filter((line) => /^(client|secret) /.test(line))).toEqual([
        `client client.${two}`,
        `secret client.${two} secret`,
        `secret ${two} second`,
      ]);
    });
  });

  /** A VM that no stack knows, with a disk of the first client. */
  async function startByHand(): Promise<void> {
    const [host = '', port = ''] = lab().monitors[0]?.split(':') ?? [];
    const image = `${pool}/by-hand`;
    const file = join(folder, 'by-hand.xml');
    writeFileSync(
      file,
      `<domain type='qemu'><name>${name}-by-hand</name><memory unit='MiB'>32</memory><os><type>hvm</type></os>
      <devices><disk type='network'><driver name='qemu' type='raw'/><target dev='vda' bus='virtio'/>
      <auth username='${one}'><secret type='ceph' usage='client.${one} secret'/></auth>
      <source protocol='rbd' name='${image}'><host name='${host}' port='${port}'/></source></disk></devices></domain>`,
    );
    await admin.rbd('create', '--size', '8M', image);
    await admin.virsh('create', file);
  }

  async function key(clientId: string): Promise<string> {
    return (await admin.ceph('auth', 'get-key', `client.${clientId}`)).trim();
  }

  async function caps(): Promise<{ readonly [daemon: string]: string }> {
    const [auth] = JSON.parse(await admin.ceph('auth', 'get', `client.${one}`, '--format', 'json')) as {
      caps: { [daemon: string]: string };
    }[];
    return auth?.caps ?? {};
  }

  /** What `rbd` prints when it lists the pool with a key; empty if it may. */
  async function opens(clientId: string, secret: string): Promise<string> {
    const keyring = join(folder, 'keyring');
    writeFileSync(keyring, `[client.${clientId}]\n\tkey = ${secret}\n`);
    const args = ['--conf', lab().cephConf, '--id', clientId, '--keyring', keyring, 'ls', pool];
    const { exitCode, stderr } = await execa('rbd', args, { reject: false });
    return exitCode === 0 ? '' : stderr;
  }

  async function valueOf(usage: string): Promise<string> {
    const line = (await admin.virsh('secret-list')).split('\n').find((each) => each.endsWith(usage));
    return (await admin.virsh('secret-get-value', line?.trim().split(/ +/)[0] ?? '')).trim();
  }
});
