import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephRbdStoragePool, ImageSource, LibvirtDriver, RbdBackedVm, Size } from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const CLI = join(__dirname, '../../../dist/lib/cli.cjs');
const lab = useLab();

function build(stack: TerraformStack): void {
  const { ceph, host } = world(stack, lab(), LibvirtDriver.PROVIDER);
  const names = { poolName: 'adopt-pool', clientId: 'adopt-client' };
  const storage = new CephRbdStoragePool(stack, 'adopt-storage', { host, cluster: ceph, ...names });
  new RbdBackedVm(stack, 'adopt-vm', {
    storage,
    vcpus: 1,
    memory: Size.mebibytes(256),
    rootDisk: { source: ImageSource.file(lab().guestImage) },
  });
}

describeByProvider('the command line', () => {
  const deployment = new Deployment('adopt');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('adopt-pool');
    await deployment.deploy(build);
  }, 180_000);

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe('adopt-pool');
  }, 120_000);

  async function cli(...args: string[]): Promise<{ exitCode: number | undefined; stdout: string }> {
    const argv = [CLI, '--dir', deployment.stackFolder, ...args];
    const { exitCode, stdout } = await execa(process.execPath, argv, { reject: false, stdin: 'ignore' });
    return { exitCode, stdout };
  }

  test('repair prints the line by which the provider mends its own, and leaves it alone', async () => {
    await admin.virsh('destroy', 'adopt-vm');
    const { exitCode, stdout } = await cli('repair', '--yes');
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/apply -replace=terraform_data\.adopt-vm$/);
    expect(await admin.virsh('list', '--all', '--name')).toContain('adopt-vm');
    await deployment.must('apply', '-auto-approve', '-replace=terraform_data.adopt-vm');
    expect((await cli('verify')).exitCode).toBe(0);
  }, 120_000);

  test('adopt prints the import blocks after which a lost state is whole again', async () => {
    expect((await cli('adopt')).stdout).toBe('# nothing to import');
    const before = await admin.inventory('adopt-');
    renameSync(join(deployment.stackFolder, 'terraform.tfstate'), join(deployment.folder, 'lost.tfstate'));
    const { stdout } = await cli('adopt');
    expect(stdout.match(/to = .*/g)).toEqual([
      'to = libvirt_pool.kvm1-adopt-storage',
      'to = terraform_data.adopt-storage',
      'to = terraform_data.adopt-storage_confirmed',
      'to = libvirt_domain.kvm1-adopt-vm',
      'to = terraform_data.kvm1_domains["adopt-vm"]',
      'to = terraform_data.adopt-vm',
      'to = terraform_data.adopt-vm_confirmed',
    ]);
    const file = join(deployment.stackFolder, 'imports.tf');
    writeFileSync(file, stdout);
    expect(await deployment.must('apply', '-auto-approve')).toContain('Resources: 7 imported');
    rmSync(file);
    expect(await admin.inventory('adopt-')).toEqual(before);
    expect(await deployment.plannedChanges()).toEqual([]);
    expect((await cli('verify')).exitCode).toBe(0);
  }, 180_000);
});
