import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { terraformBinary } from '../../../lib/cli/terraform-stack';
import {
  CephClient,
  CephPool,
  Duration,
  LibvirtCephSecret,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const POOL = 'old-pool';

const stackBy =
  (driver: LibvirtDriver) =>
  (stack: TerraformStack): void => {
    const { ceph, host } = world(stack, lab(), driver);
    const pool = new CephPool(stack, POOL, { cluster: ceph });
    const client = new CephClient(stack, 'old-client', { cluster: ceph });
    pool.grantReadWrite(client);
    new RbdBackedVm(stack, 'old-vm', {
      secret: new LibvirtCephSecret(stack, 'old-secret', { host, client }),
      vcpus: 1,
      memory: Size.mebibytes(32),
      rootDisk: { image: new RbdImage(stack, 'old-root', { pool, size: Size.mebibytes(8) }) },
      dataDisks: [{ image: new RbdImage(stack, 'old-vdb', { pool, size: Size.mebibytes(8) }), target: 'vdb' }],
      shutdownTimeout: Duration.seconds(3),
    });
  };

describeByProvider('An old copy of a state', () => {
  const deployment = new Deployment('old');
  const old = mkdtempSync(join(tmpdir(), 'clc-old-'));
  let admin: Admin;
  let inventory: string[];
  let id: string;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(POOL);
    await deployment.deploy(stackBy(LibvirtDriver.PROVIDER));
    cpSync(deployment.stackFolder, old, { recursive: true });
    rmSync(join(deployment.stackFolder, 'terraform.tfstate'));
    [inventory, id] = [await admin.inventory('old-'), await admin.virsh('domid', 'old-vm')];
  });

  afterAll(async () => {
    deployment.remove();
    rmSync(old, { recursive: true });
    await admin.clear('old-');
  });

  async function inOld(...args: string[]): Promise<{ exitCode: number | undefined; all: string }> {
    const env = { CHECKPOINT_DISABLE: '1' };
    const options = { cwd: old, env, all: true, stdin: 'ignore', reject: false } as const;
    const { exitCode, all } = await execa(terraformBinary(), args, options);
    return { exitCode, all };
  }

  async function expectUntouched(): Promise<void> {
    expect(await admin.inventory('old-')).toEqual(inventory);
    expect(await admin.virsh('domid', 'old-vm')).toBe(id);
    expect(await admin.virsh('domblklist', 'old-vm')).toMatch(/vdb +old-pool\/old-vdb/);
  }

  test('the next state takes the running VM back with VIRSH, with its definition, its UUID and its uptime', async () => {
    const uuid = await admin.virsh('domuuid', 'old-vm');
    const output = await deployment.deploy(stackBy(LibvirtDriver.VIRSH));
    expect(output.replace(/\n/g, ' ')).toMatch(/Warning: VM 'old-vm' [^:]*entry '[0-9a-f-]{36}'/);
    expect(await admin.virsh('domuuid', 'old-vm')).toBe(uuid);
    await expectUntouched();
  });

  test('changes nothing in that VM with an apply', async () => {
    const { exitCode, all } = await inOld('apply', '-auto-approve', '-no-color');
    const nothing = expect.stringContaining('Apply complete! Resources: 0 added, 0 changed, 0 destroyed.') as string;
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: nothing });
    await expectUntouched();
  });

  let forget: string[];

  test('fails to delete or stop that VM, and names its owner and the command that forgets it', async () => {
    const { exitCode, all } = await inOld('destroy', '-auto-approve', '-no-color');
    expect(exitCode).toBe(1);
    expect(all).toMatch(
      /VM 'old-vm' is neither stopped nor deleted: it is marked by project 'e2e', stack 'old', .* entry '[0-9a-f-]{36}'/,
    );
    forget = [...(/terraform state rm (.*)$/m.exec(all)?.[1] ?? '').matchAll(/'([^']*)'/g)].map(([, one]) => one ?? '');
    expect(forget).toEqual(['libvirt_domain.kvm1-old-vm', 'terraform_data.kvm1_domain_stops["old-vm"]']);
    await expectUntouched();
  });

  test('removes nothing of that VM once it has forgotten it', async () => {
    expect(await inOld('state', 'rm', ...forget)).toMatchObject({ exitCode: 0 });
    const { exitCode, all } = await inOld('destroy', '-auto-approve', '-no-color');
    expect({ exitCode, all }).toEqual({ exitCode: 0, all: expect.stringContaining("VM 'old-vm' is kept: ") });
    await expectUntouched();
  });
});
