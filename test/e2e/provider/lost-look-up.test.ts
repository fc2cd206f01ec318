import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import {
  CephClient,
  CephPool,
  CephRbdStoragePool,
  Duration,
  LibvirtCephSecret,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../../constructs';
import { CommandLine } from '../../helpers/cli';
import { Deployment, type Ended } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { LibvirtProxy, Procedure } from '../../helpers/libvirt-proxy';
import { Admin, labCluster, labHost } from '../../helpers/world';

const lab = useLab();

/** A VM without a storage pool, or the reverse: one lookup each, so that it is known what a lost connection drops. */
type Content = 'vm' | 'storage pool';

describeByProvider('A connection to libvirt that is lost half-way through a refresh', () => {
  const deployment = new Deployment('pl');
  const cli = new CommandLine(deployment);
  const folder = mkdtempSync(join(tmpdir(), 'clc-proxy-'));
  let proxy: LibvirtProxy;
  let admin: Admin;

  const stackWith =
    (content: Content) =>
    (stack: TerraformStack): void => {
      const cluster = labCluster(stack, lab());
      const uri = `qemu:///system?socket=${proxy.path}`;
      const host = labHost(stack, lab(), { uri, driver: LibvirtDriver.PROVIDER });
      if (content === 'storage pool') {
        const way = { cluster, poolName: 'pl-pool', clientId: 'pl-client' };
        new CephRbdStoragePool(stack, 'pl-storage', { host, ...way });
        return;
      }
      const pool = new CephPool(stack, 'pl-pool', { cluster });
      const client = new CephClient(stack, 'pl-client', { cluster });
      const image = (id: string): RbdImage => new RbdImage(stack, id, { pool, size: Size.mebibytes(8) });
      new RbdBackedVm(stack, 'pl-vm', {
        secret: new LibvirtCephSecret(stack, 'pl-secret', { host, client }),
        vcpus: 1,
        memory: Size.mebibytes(32),
        rootDisk: { image: image('pl-root') },
        dataDisks: [{ target: 'vdb', image: image('pl-vdb') }],
        shutdownTimeout: Duration.seconds(3),
      });
    };

  beforeAll(async () => {
    admin = new Admin(lab());
    proxy = new LibvirtProxy(join(folder, 'socket'), () => join(lab().hosts[0]?.socketFolder ?? '', 'libvirt-sock'));
    await admin.wipe('pl-pool');
    await deployment.deploy(stackWith('vm'));
  });

  afterAll(async () => {
    deployment.remove();
    proxy.end();
    rmSync(folder, { recursive: true });
    await admin.clear('pl-');
  });

  /** Runs Terraform, whose first call of that procedure does not arrive. */
  async function losing(procedure: number, command: string, ...args: string[]): Promise<Ended> {
    const before = proxy.lost;
    proxy.loseAt(procedure);
    const { exitCode, output } = await deployment.terraform(command, ...args);
    expect(proxy.lost).toBe(before + 1);
    return { exitCode, output: output.replace(/\s+/g, ' ') };
  }

  /** What must not change: the run of the VM, and its images. */
  async function vm(): Promise<{ readonly [what: string]: unknown }> {
    const images = ['pl-pool/pl-root', 'pl-pool/pl-vdb'];
    return {
      run: (await admin.virsh('domid', 'pl-vm')).trim(),
      state: (await admin.virsh('domstate', 'pl-vm')).trim(),
      images: await Promise.all(images.map((image) => admin.imageId(image))),
      open: await Promise.all(images.map((image) => admin.watchers(image))),
    };
  }

  const inState = async (): Promise<string> => deployment.must('state', 'list');

  /** The options of `apply` that `import-blocks` prints as the way back. */
  async function wayBack(): Promise<string[]> {
    const { stdout, stderr } = await cli.run('import-blocks');
    expect(stdout).toBe('# nothing to import');
    const [, stackFolder, options = ''] = /: terraform -chdir=(\S+) apply (.+)$/m.exec(stderr) ?? [];
    expect({ stderr, stackFolder }).toEqual({ stderr, stackFolder: deployment.stackFolder });
    return options.split(' ');
  }

  test('makes a plan that would create the VM; nothing comes of it, and the next plan is empty', async () => {
    const before = await vm();
    const { exitCode, output } = await losing(Procedure.DOMAIN_LOOKUP_BY_UUID, 'plan');
    expect(exitCode).toBe(0);
    expect(output).toContain('libvirt_domain.kvm1-pl-vm will be created');
    expect(output).toContain('Plan: 2 to add, 0 to change, 1 to destroy.');
    expect(await inState()).toContain('libvirt_domain.kvm1-pl-vm');
    expect(await vm()).toEqual(before);
    await deployment.expectWhole();
  });

  test('makes an apply drop the VM from the state and fail, while the VM runs on with its images', async () => {
    const before = await vm();
    const { exitCode, output } = await losing(Procedure.DOMAIN_LOOKUP_BY_UUID, 'apply', '-auto-approve');
    expect(exitCode).toBe(1);
    expect(output).toContain(`domain 'pl-vm' already exists`);
    expect(await inState()).not.toContain('libvirt_domain.kvm1-pl-vm');
    expect(await vm()).toEqual(before);
    // The next apply, on a connection that holds, does no better, and is as harmless.
    const again = await deployment.failToDeploy(stackWith('vm'));
    expect(again).toContain(`domain 'pl-vm' already exists`);
    const planned = ['libvirt_domain.kvm1-pl-vm: create', 'terraform_data.pl-vm_started: create'];
    expect((await deployment.plannedChanges()).sort()).toEqual(planned);
    expect(await vm()).toEqual(before);
  });

  test('is repaired with the command that import-blocks prints: the VM is shut down and created again around its images', async () => {
    const before = await vm();
    const options = await wayBack();
    expect(options).toEqual(['-replace=terraform_data.pl-vm_spec']);
    const output = await deployment.deploy(stackWith('vm'), ...options);
    expect(output).toContain("VM 'pl-vm' did not shut down within 3 seconds: switching it off");
    const after = await vm();
    expect(after).toEqual({ ...before, run: after['run'] });
    expect(after['run']).not.toBe(before['run']);
    expect((await cli.run('import-blocks')).stderr).toBe('');
  });

  test('drops a storage pool in the same way, which is repaired in the same way', async () => {
    await deployment.deploy(stackWith('storage pool'));
    const uuid = await admin.virsh('pool-uuid', 'pl-storage');
    const lost = await losing(Procedure.STORAGE_POOL_LOOKUP_BY_UUID, 'apply', '-auto-approve');
    expect(lost.exitCode).toBe(1);
    expect(lost.output).toContain(`pool 'pl-storage' already exists`);
    expect(await inState()).not.toContain('libvirt_pool.kvm1-pl-storage');
    expect(await admin.virsh('pool-uuid', 'pl-storage')).toBe(uuid);
    const options = await wayBack();
    expect(options).toEqual(['-replace=terraform_data.pl-storage_spec']);
    await deployment.deploy(stackWith('storage pool'), ...options);
  });
});
