import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephRbdStoragePool, Duration, ImageSource, RbdBackedVm, Size } from '../../../constructs';
import { CommandLine, pathWithSlowRbd } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { forgetLocks, whileOpen } from '../../helpers/rbd';
import { pathWithTool, waitFor } from '../../helpers/shim';
import { until } from '../../helpers/until';
import { Admin, world } from '../../helpers/world';

const lab = useLab();

describeByDriver('A snapshot of a whole VM', (driver, prefix) => {
  const once = onceFor(driver);
  const name = `${prefix}snap`;
  const [vm, pool] = [`${name}-vm`, `${name}-pool`];
  const [root, vdb, vdc] = [`${pool}/${vm}-root`, `${pool}/${vm}-vdb`, `${pool}/${vm}-vdc`];
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
      memory: Size.mebibytes(64),
      rootDisk: { source: ImageSource.blank(), size: Size.mebibytes(8) },
      dataDisks: ['vdb', 'vdc'].map((target) => ({ target, size: Size.mebibytes(16) })),
      shutdownTimeout: Duration.seconds(2),
    });
  };

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    await deployment.deploy(build);
    await admin.write(vm, 'vdb', 'A');
  });

  afterAll(async () => {
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.clear(name);
  });

  async function state(): Promise<string> {
    return (await admin.virsh('domstate', vm)).trim();
  }

  /**
   * A PATH with an `rbd` that runs a piece of shell instead of one of its commands on a disk; "$rbd" is the real one.
   */
  function pathWithRbd(command: string, disk: string, instead: string): string {
    const cases = `case "$*" in *"${command}"*${disk}*) ${instead} ;; esac`;
    return pathWithTool(
      folder,
      'rbd',
      `rbd="$real --conf ${lab().cephConf}"
${cases}`,
    );
  }

  /** Writes other data to the beginning of the disk vdb. */
  async function overwrite(): Promise<void> {
    const bench = ['bench', '--io-type=write', '--io-size=4K', '--io-total=16K', '--io-pattern=seq', vdb];
    await execa('rbd', ['--conf', lab().cephConf, ...bench]);
  }

  test('is taken of all disks while the VM is paused, and the VM resumes', async () => {
    expect(await cli.json('snapshot', vm, 'before')).toEqual({
      vm,
      name: 'before',
      guest: 'paused',
      leftOut: [],
      disks: [
        { target: 'vda', snapshot: `${root}@before` },
        { target: 'vdb', snapshot: `${vdb}@before` },
        { target: 'vdc', snapshot: `${vdc}@before` },
      ],
    });
    expect(await state()).toBe('running');
    const listed = await cli.run('snapshots', vm);
    expect(listed.stdout).toMatch(/^NAME +TAKEN +DISKS\nbefore +\w.* vda vdb vdc$/);
  });

  once('fails when a disk already has one of that name', async () => {
    const { exitCode, stderr } = await cli.run('snapshot', vm, 'before');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('already exists; choose') });
  });

  once.each(['SIGINT', 'SIGKILL'] as const)('lets the VM resume when %s ends it half-way', async (signal) => {
    const file = join(folder, signal);
    const running = cli.start(['snapshot', vm, signal], pathWithSlowRbd(folder, 'vdb', file, 'fails'));
    await until('it is paused', async () => (await state()) === 'paused');
    await until('the first disk is done', async () => (await admin.rbd('snap', 'ls', root)).includes(signal));
    running.kill(signal);
    // After a kill the VM continues at once; an interruption lets the snapshot in progress finish.
    if (signal === 'SIGKILL') await until('it runs', async () => (await state()) === 'running');
    writeFileSync(file, '');
    const { exitCode } = await running;
    await until('it runs', async () => (await state()) === 'running');
    const names = (await cli.json('snapshots', vm)).map((one: any) => one.name);
    // After a SIGKILL nobody removes them: the incomplete snapshot is listed as such, and never rolled back to.
    expect({ exitCode, names }).toEqual(
      signal === 'SIGINT' ? { exitCode: 130, names: ['before'] } : { exitCode: undefined, names: ['before', signal] },
    );
  });

  once('fails to be rolled back to while the VM runs', async () => {
    const { exitCode, stderr } = await cli.run('rollback', vm, 'before', '--yes');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('it is running; shut it') });
  });

  once('fails to be rolled back to unless every disk has it', async () => {
    await admin.virsh('destroy', vm);
    const { exitCode, stderr } = await cli.run('rollback', vm, 'SIGKILL', '--yes');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/has no snapshot 'SIGKILL' of vdb, vdc/);
  });

  once('fails, and fails to be rolled back to, while somebody else has a disk of the stopped VM open', async () => {
    await overwrite();
    const written = await admin.firstBytes(vdb);
    const [taken, back] = await whileOpen(lab(), vdb, () =>
      Promise.all([cli.run('snapshot', vm, 'elsewhere'), cli.run('rollback', vm, 'before', '--yes')]),
    );
    expect(taken).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('it may run elsewhere; if') });
    expect(taken.stderr).toMatch(/VM '\S+' is shut off on \S+, but image '\S+-vdb' is open by client\.\d+ at /);
    expect(await admin.rbd('snap', 'ls', root)).not.toContain('elsewhere');
    expect(back).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('in use by client.') });
    expect(back.stderr).not.toContain('only partly');
    expect(await admin.firstBytes(vdb)).toBe(written);
  });

  once('finishes the disk in progress when SIGINT ends the rollback, and says which disks are back', async () => {
    const canary = await admin.firstBytes(`${vdb}@before`);
    await overwrite();
    const [begun, goOn] = ['begun', 'go-on'].map((file) => join(folder, file));
    const wait = `: >'${begun}'; ${waitFor(goOn!)}`;
    const running = cli.start(['rollback', vm, 'before', '--yes'], pathWithRbd('snap rollback', vdb, wait));
    await until('it has begun', () => existsSync(begun!));
    running.kill('SIGINT');
    await sleep(1000);
    writeFileSync(goOn!, '');
    const { exitCode, stderr } = await running;
    expect({ exitCode, stderr }).toEqual({
      exitCode: 130,
      stderr: expect.stringContaining('waiting for an action that must not be interrupted'),
    });
    expect(stderr).toMatch(
      /only partly rolled back to 'before' \(rolled back: vda vdb; unchanged: vdc\), do not start it; run 'rollback /,
    );
    expect(stderr).not.toContain('nothing is lost');
    expect(await admin.firstBytes(vdb)).toBe(canary);
  });

  once('fails to be rolled back to when a disk fails, and says which disks are back', async () => {
    const path = pathWithRbd('snap rollback', vdb, 'echo no space >&2; exit 28');
    const { exitCode, stderr } = await cli.start(['rollback', vm, 'before', '--yes'], path);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /\(rolled back: vda; not, or partly: vdb; unchanged: vdc\), do not start it: .*: no space; /,
    );
    expect(stderr).toMatch(/^error\[rollback-unfinished\]: .*run 'rollback \S+ before' again$/m);
  });

  once('fails to be rolled back to when it was taken again since it was shown', async () => {
    await overwrite();
    const written = await admin.firstBytes(vdb);
    const anew = `$rbd snap rm --no-progress ${vdc}@before; $rbd snap create --no-progress ${vdc}@before`;
    const { exitCode, stderr } = await cli.start(['rollback', vm, 'before', '--yes'], pathWithRbd('info', vdc, anew));
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining('have changed since they were shown'),
    });
    expect(await admin.firstBytes(vdb)).toBe(written);
  });

  test('keeps every apply and repair from starting the VM after a rollback killed half-way, until that is finished', async () => {
    // With PROVIDER, where nothing came before, it still runs.
    if ((await state()) !== 'shut off') await admin.virsh('destroy', vm);
    const canary = await admin.firstBytes(`${vdb}@before`);
    await overwrite();
    const [begun, goOn] = ['kill-begun', 'kill-go-on'].map((file) => join(folder, file));
    const dies = `: >'${begun}'; ${waitFor(goOn!)}; exit 1`;
    const running = cli.start(['rollback', vm, 'before', '--yes'], pathWithRbd('snap rollback', vdb, dies));
    await until('it has begun', () => existsSync(begun!));
    running.kill('SIGKILL');
    await running;
    writeFileSync(goOn!, '');
    await forgetLocks(lab(), pool);
    const replaced = await deployment.terraform('apply', '-auto-approve', `-replace=terraform_data.${vm}_spec`);
    expect(replaced.exitCode).toBe(1);
    expect(replaced.output.replace(/\n[│ ]*/g, ' ')).toMatch(
      /only partly rolled back to its snapshot 'before': .* rollback \S+ before'/,
    );
    // With PROVIDER it repairs nothing itself.
    await cli.run('repair', '--yes', vm);
    expect((await admin.virsh('list', '--name')).split('\n')).not.toContain(vm);
    const another = await cli.run('snapshot', vm, 'another');
    expect(another).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('only partly rolled back to its snapshot'),
    });
    expect(await cli.run('rollback', vm, 'before', '--yes')).toMatchObject({ exitCode: 0 });
    expect(await admin.firstBytes(vdb)).toBe(canary);
    for (const image of [root, vdb, vdc])
      expect(await admin.rbd('image-meta', 'list', image)).not.toContain('rollback');
    await deployment.must('apply', '-auto-approve', `-replace=terraform_data.${vm}_spec`);
    expect(await state()).toBe('running');
    await admin.virsh('destroy', vm);
  });

  test('brings every disk back, and says what is lost', async () => {
    const canary = await admin.firstBytes(`${vdb}@before`);
    await overwrite();
    await admin.rbd('resize', '--no-progress', '--size', '24M', vdc);
    expect(await admin.firstBytes(vdb)).not.toBe(canary);
    const asked = await cli.run('rollback', vm, 'before');
    expect(asked.exitCode).toBe(1);
    expect(asked.stderr).toMatch(/vdc: '.*-vdc' loses .* its size goes from 24 MiB to 16 MiB/);
    const done = await cli.run('rollback', vm, 'before', '--yes');
    expect(done.exitCode).toBe(0);
    expect(await admin.firstBytes(vdb)).toBe(canary);
    await admin.virsh('start', vm);
    expect(await cli.run('verify')).toMatchObject({ exitCode: 0 });
  });

  once(
    'is taken of a paused VM, which stays paused, and says so with exit code 2 when the VM is started in the meantime',
    async () => {
      await admin.virsh('suspend', vm);
      expect(await cli.json('snapshot', vm, 'paused')).toMatchObject({ guest: 'already-paused' });
      expect(await state()).toBe('paused');
      await admin.virsh('destroy', vm);
      expect(await cli.json('snapshot', vm, 'off')).toMatchObject({ guest: 'off' });
      const start = `virsh --connect '${lab().hosts[0]?.virshUri}' start ${vm} >/dev/null`;
      const { exitCode, stdout } = await cli.start(['snapshot', vm, 'lapsed'], pathWithRbd('snap create', vdb, start));
      expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: expect.stringContaining('from different moments') });
      expect(await state()).toBe('running');
    },
  );

  once('fails while a disk attached by hand may belong to another cluster', async () => {
    await admin.virsh('destroy', vm);
    const file = join(folder, 'by-hand.xml');
    const source = `<source protocol='rbd' name='${vdb}'><host name='192.0.2.1' port='6789'/></source>`;
    writeFileSync(file, `<disk type='network' device='disk'>${source}<target dev='vdz' bus='virtio'/></disk>`);
    await admin.virsh('attach-device', vm, file, '--config');
    const { exitCode, stderr } = await cli.run('rollback', vm, 'before', '--yes');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/disk vdz of VM '\S+' may be '\S+-vdb' in another cluster: its monitors are 192\.0\.2\.1 /);
    await admin.virsh('detach-disk', vm, 'vdz', '--config');
  });

  once('fails when another stack, or a person, has created the VM of that name', async () => {
    const [ours, theirs] = ['ours.xml', 'theirs.xml'].map((file) => join(folder, file)) as [string, string];
    const definition = await admin.virsh('dumpxml', '--inactive', vm);
    writeFileSync(ours, definition);
    writeFileSync(theirs, definition.replace(/"(stack|entryId)":"[^"]+"/g, '"$1":"other"'));
    await admin.virsh('define', theirs);
    const both = () => Promise.all([cli.run('snapshot', vm, 'theirs'), cli.run('rollback', vm, 'before', '--yes')]);
    const foreign = await both();
    await admin.virsh('metadata', vm, '--uri', 'urn:cdktf-libvirt-ceph:mark', '--remove', '--config');
    const unmarked = await both();
    await admin.virsh('define', ours);
    const inStack = expect.stringMatching(/belongs to .* stack 'other'.*; work on it/);
    for (const one of foreign) expect(one).toMatchObject({ exitCode: 1, stderr: inStack });
    const ofNone = expect.stringContaining('does not belong to this stack');
    for (const one of unmarked) expect(one).toMatchObject({ exitCode: 1, stderr: ofNone });
    expect(await admin.rbd('snap', 'ls', root)).not.toContain('theirs');
  });

  once('is exported to sparse raw files, and never over an existing one', async () => {
    const target = join(folder, 'out');
    const { exitCode } = await cli.run('export', vm, 'before', target);
    expect({ exitCode, files: readdirSync(target).sort() }).toEqual({
      exitCode: 0,
      files: ['vda.raw', 'vdb.raw', 'vdc.raw'],
    });
    const there = readFileSync(join(target, 'vdb.raw'));
    expect(there.length).toBe(16 * 2 ** 20);
    expect(there.subarray(0, 64).toString('latin1')).toBe(await admin.firstBytes(`${vdb}@before`));
    writeFileSync(join(target, 'vdb.raw'), 'of somebody');
    const again = await cli.run('export', vm, 'before', target);
    expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('already exists') });
    expect(readdirSync(target)).toHaveLength(3);
    expect(readFileSync(join(target, 'vdb.raw'), 'utf8')).toBe('of somebody');
  });
});
