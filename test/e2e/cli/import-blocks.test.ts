import { cpSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { terraformBinary } from '../../../lib/cli/terraform-stack';
import { CephRbdStoragePool, ImageSource, LibvirtDriver, RbdBackedVm, Size } from '../../../constructs';
import { CommandLine } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { describeByProvider } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();

function build(stack: TerraformStack, vm = true): void {
  const { ceph, host } = world(stack, lab(), LibvirtDriver.PROVIDER);
  const names = { poolName: 'lost-pool', clientId: 'lost-client' };
  const storage = new CephRbdStoragePool(stack, 'lost-storage', { host, cluster: ceph, ...names });
  if (!vm) return;
  new RbdBackedVm(stack, 'lost-vm', {
    storage,
    vcpus: 1,
    memory: Size.mebibytes(256),
    rootDisk: { source: ImageSource.file(lab().bootSectorImage) },
    dataDisks: [{ target: 'vdb', size: Size.mebibytes(8) }],
  });
}

describeByProvider('The command line', () => {
  const deployment = new Deployment('lost');
  const cli = new CommandLine(deployment);
  const old = mkdtempSync(join(tmpdir(), 'clc-old-'));
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('lost-pool');
    await deployment.deploy((stack) => build(stack));
  });

  afterAll(async () => {
    deployment.remove();
    rmSync(old, { recursive: true });
    await admin.clear('lost-');
  });

  async function inOld(...args: string[]): Promise<{ exitCode: number | undefined; all: string }> {
    const options = { cwd: old, env: { CHECKPOINT_DISABLE: '1' }, all: true, stdin: 'ignore', reject: false } as const;
    const { exitCode, all } = await execa(terraformBinary(), args, options);
    return { exitCode, all };
  }

  test('repair prints the command with which the provider repairs its own resources, and does not touch them', async () => {
    await admin.virsh('destroy', 'lost-vm');
    const { exitCode, stdout } = await cli.run('repair', '--yes');
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(/apply -replace=terraform_data\.lost-vm_spec$/);
    expect(await admin.virsh('list', '--all', '--name')).toContain('lost-vm');
    await deployment.must('apply', '-auto-approve', '-replace=terraform_data.lost-vm_spec');
    expect((await cli.run('verify')).exitCode).toBe(0);
  });

  test('import-blocks leaves out what another workspace has created', async () => {
    await deployment.must('workspace', 'new', 'other');
    const { stdout, stderr } = await cli.run('import-blocks');
    await deployment.must('workspace', 'select', 'default');
    await deployment.must('workspace', 'delete', 'other');
    expect(stdout).not.toContain('libvirt_domain');
    expect(stderr).toMatch(/VM 'lost-vm' belongs to .* workspace 'default': it is skipped/);
  });

  test.each([
    ["type='rbd'", "type='dir'", "its type is 'dir', not 'rbd'"],
    ['<name>lost-pool<', '<name>elsewhere<', "its Ceph pool is 'elsewhere', not 'lost-pool'"],
  ])('import-blocks leaves out a different storage pool of that name: %s', async (ours, others, how) => {
    const [state, definition] = [join(deployment.stackFolder, 'terraform.tfstate'), join(old, 'pool.xml')];
    const present = await admin.virsh('pool-dumpxml', '--inactive', 'lost-storage');
    const foreign = present.replace(ours, others).replace('</pool>', '<target><path>/tmp</path></target></pool>');
    const define = async (xml: string): Promise<void> => {
      await admin.virsh('pool-undefine', 'lost-storage');
      writeFileSync(definition, xml);
      await admin.virsh('pool-define', definition);
    };
    await admin.virsh('pool-destroy', 'lost-storage');
    await define(foreign);
    renameSync(state, `${state}.kept`);
    const { stdout, stderr } = await cli.run('import-blocks');
    renameSync(`${state}.kept`, state);
    await define(present);
    await admin.virsh('pool-start', 'lost-storage');
    await admin.virsh('pool-autostart', 'lost-storage');
    expect(stdout).not.toContain('libvirt_pool');
    expect(stdout).toContain('libvirt_domain.kvm1-lost-vm');
    expect(stderr).toContain(`storage pool 'lost-storage' does not belong to this stack (${how}`);
  });

  test('import-blocks prints the import blocks that make a lost state whole again', async () => {
    expect((await cli.run('import-blocks')).stdout).toBe('# nothing to import');
    const before = await admin.inventory('lost-');
    cpSync(deployment.stackFolder, old, { recursive: true });
    rmSync(join(deployment.stackFolder, 'terraform.tfstate'));
    const { stdout } = await cli.run('import-blocks');
    expect(stdout.match(/to = .*/g)).toEqual([
      'to = libvirt_pool.kvm1-lost-storage',
      'to = terraform_data.lost-storage_spec',
      'to = terraform_data.lost-storage_spec_confirmed',
      'to = libvirt_domain.kvm1-lost-vm',
      'to = terraform_data.lost-vm_spec',
      'to = terraform_data.lost-vm_spec_confirmed',
    ]);
    const file = join(deployment.stackFolder, 'imports.tf');
    writeFileSync(file, stdout);
    expect(await deployment.must('apply', '-auto-approve')).toContain('Resources: 6 imported');
    rmSync(file);
    expect(await admin.inventory('lost-')).toEqual(before);
    await deployment.expectWhole();
    expect((await cli.run('verify')).exitCode).toBe(0);
  });

  test('the lost state, found again, does not remove what was adopted', async () => {
    const [before, id] = [await admin.inventory('lost-'), await admin.virsh('domid', 'lost-vm')];
    const destroyed = await inOld('destroy', '-auto-approve', '-no-color');
    expect(destroyed).toMatchObject({ exitCode: 1, all: expect.stringContaining('is neither stopped nor deleted') });
    const [, line = ''] = /terraform state rm (.*)$/m.exec(destroyed.all) ?? [];
    expect(await inOld('state', 'rm', ...line.replaceAll("'", '').split(' '))).toMatchObject({ exitCode: 0 });
    expect(await inOld('destroy', '-auto-approve')).toMatchObject({ exitCode: 0 });
    // A storage pool has no mark; it is a view.
    expect(await admin.inventory('lost-')).toEqual(before.filter((one) => !one.startsWith('storage-pool ')));
    expect(await admin.virsh('domid', 'lost-vm')).toBe(id);
    expect(await admin.virsh('domblklist', 'lost-vm')).toMatch(/vdb +lost-pool\/lost-vm-vdb/);
  });

  test('what was adopted is removed with its construct', async () => {
    await deployment.deploy((stack) => build(stack, false));
    expect((await admin.inventory('lost-')).filter((one) => /^(domain|image|trash)/.test(one))).toEqual([
      'trash lost-pool/lost-vm-root',
      'trash lost-pool/lost-vm-vdb',
    ]);
  });
});
