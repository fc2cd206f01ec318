import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephRbdStoragePool, Duration, ImageSource, RbdBackedVm, Size } from '../../../constructs';
import { CommandLine, pathWithSlowRbd } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { until } from '../../helpers/until';
import { Admin, world } from '../../helpers/world';

const lab = useLab();

describeByDriver('a snapshot of the whole VM', (driver, prefix) => {
  const name = `${prefix}snap`;
  const [vm, pool] = [`${name}-vm`, `${name}-pool`];
  const [root, vdb, vdc] = [`${pool}/${vm}-root`, `${pool}/${vm}-vdb`, `${pool}/${vm}-vdc`];
  const log = `${vm}-console.log`;
  const deployment = new Deployment(name);
  const cli = new CommandLine(deployment);
  const folder = mkdtempSync(join(tmpdir(), 'clc-cli-'));
  let admin: Admin;

  const build = (stack: TerraformStack): void => {
    const { ceph, host } = world(stack, lab(), driver);
    const access = { poolName: pool, clientId: `${name}-client` };
    const storage = new CephRbdStoragePool(stack, `${name}-storage`, { host, cluster: ceph, ...access });
    new RbdBackedVm(stack, vm, {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(256),
      rootDisk: { source: ImageSource.file(lab().guestImage) },
      dataDisks: ['vdb', 'vdc'].map((target) => ({ target, size: Size.mebibytes(16) })),
      serialLogFile: `/var/log/libvirt/qemu/${log}`,
      shutdownTimeout: Duration.seconds(2),
    });
  };

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    const from = admin.console(log).length;
    await deployment.deploy(build);
    await admin.seen(log, /^DISK vdb FIRST CANARY/, from);
  }, 300_000);

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.wipe(pool);
  }, 300_000);

  async function state(): Promise<string> {
    return (await admin.virsh('domstate', vm)).trim();
  }

  async function firstBytes(image: string): Promise<string> {
    const { stdout } = await execa('rbd', ['--conf', lab().cephConf, 'export', '--no-progress', image, '-'], {
      encoding: 'buffer',
    });
    return Buffer.from(stdout).subarray(0, 64).toString('latin1');
  }

  test('is taken of all disks while the VM is paused, and the VM runs on', async () => {
    expect(await cli.json('snapshot', vm, 'before')).toEqual({
      vm,
      name: 'before',
      guest: 'paused',
      disks: [
        { target: 'vda', snapshot: `${root}@before` },
        { target: 'vdb', snapshot: `${vdb}@before` },
        { target: 'vdc', snapshot: `${vdc}@before` },
      ],
    });
    expect(await state()).toBe('running');
    const listed = await cli.run('snapshots', vm);
    expect(listed.stdout).toMatch(/^NAME +TAKEN +DISKS\nbefore +\w.* vda vdb vdc$/);
  }, 120_000);

  test('fails when a disk has one of that name already', async () => {
    const { exitCode, stderr } = await cli.run('snapshot', vm, 'before');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('is there already; take') });
  }, 120_000);

  test.each(['SIGINT', 'SIGKILL'] as const)(
    'lets the VM go on when %s ends it half-way',
    async (signal) => {
      const file = join(folder, signal);
      const running = cli.start(['snapshot', vm, signal], pathWithSlowRbd(folder, 'vdb', file, 'fails'));
      await until('it is paused', async () => (await state()) === 'paused');
      await until('the first disk is done', async () => (await admin.rbd('snap', 'ls', root)).includes(signal));
      running.kill(signal);
      // A kill lets it go on at once; an interruption lets the snapshot that is under way end.
      if (signal === 'SIGKILL') await until('it runs', async () => (await state()) === 'running');
      writeFileSync(file, '');
      const { exitCode } = await running;
      await until('it runs', async () => (await state()) === 'running');
      const names = (await cli.json('snapshots', vm)).map((one: any) => one.name);
      // Nobody is left to take them back after a SIGKILL: the half one is listed as what it is, and never rolled back to.
      expect({ exitCode, names }).toEqual(
        signal === 'SIGINT' ? { exitCode: 130, names: ['before'] } : { exitCode: undefined, names: ['before', signal] },
      );
    },
    120_000,
  );

  test('fails to be rolled back to while the VM runs', async () => {
    const { exitCode, stderr } = await cli.run('rollback', vm, 'before', '--yes');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('it is running; shut it') });
  }, 120_000);

  test('fails to be rolled back to when not every disk has it', async () => {
    await admin.virsh('destroy', vm);
    const { exitCode, stderr } = await cli.run('rollback', vm, 'SIGKILL', '--yes');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/has no snapshot 'SIGKILL' of vdb, vdc/);
  }, 120_000);

  test('fails to be rolled back to while somebody else has a disk open', async () => {
    const watcher = execa('rbd', ['--conf', lab().cephConf, 'watch', vdb]);
    await until('it is open', async () => (await admin.watchers(vdb)) > 0);
    const { exitCode, stderr } = await cli.run('rollback', vm, 'before', '--yes');
    watcher.stdin.end('\n');
    await watcher;
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('in use by client.') });
  }, 180_000);

  test('brings every disk back, and says what is lost', async () => {
    const canary = await firstBytes(`${vdb}@before`);
    const bench = ['bench', '--io-type=write', '--io-size=4K', '--io-total=16K', '--io-pattern=seq', vdb];
    await execa('rbd', ['--conf', lab().cephConf, ...bench]);
    await admin.rbd('resize', '--no-progress', '--size', '24M', vdc);
    expect(await firstBytes(vdb)).not.toBe(canary);
    const asked = await cli.run('rollback', vm, 'before');
    expect(asked.exitCode).toBe(1);
    expect(asked.stderr).toMatch(/vdc: '.*-vdc' loses .* its size goes from 24 MiB to 16 MiB/);
    const done = await cli.run('rollback', vm, 'before', '--yes');
    expect(done.exitCode).toBe(0);
    expect(await firstBytes(vdb)).toBe(canary);
    await admin.virsh('start', vm);
    expect(await cli.run('verify')).toMatchObject({ exitCode: 0 });
  }, 120_000);

  test('is exported to sparse raw files, and never over one that is there', async () => {
    const target = join(folder, 'out');
    const { exitCode } = await cli.run('export', vm, 'before', target);
    expect({ exitCode, files: readdirSync(target).sort() }).toEqual({
      exitCode: 0,
      files: ['vda.raw', 'vdb.raw', 'vdc.raw'],
    });
    const there = readFileSync(join(target, 'vdb.raw'));
    expect(there.length).toBe(16 * 2 ** 20);
    expect(there.subarray(0, 64).toString('latin1')).toBe(await firstBytes(`${vdb}@before`));
    const again = await cli.run('export', vm, 'before', target);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is there already') });
    expect(readdirSync(target)).toHaveLength(3);
  }, 120_000);
});
