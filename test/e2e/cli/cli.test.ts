import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephCluster,
  CephRbdStoragePool,
  DomainType,
  ImageSource,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  Size,
  Transport,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { until } from '../../helpers/until';
import { Admin } from '../../helpers/world';

const CLI = join(__dirname, '../../../dist/lib/cli.cjs');
const CONSOLE = 'cli-vm-console.log';
const lab = useLab();

function stackWith(dataDisk = true): (stack: TerraformStack) => void {
  return (stack) => {
    const ceph = new CephCluster(stack, 'ceph', { monitors: [...lab().monitors], confFile: lab().cephConf });
    const [kvm1] = lab().hosts;
    const host = new LibvirtHost(stack, 'kvm1', {
      uri: kvm1?.uri ?? '',
      driver: LibvirtDriver.VIRSH,
      domainType: DomainType.QEMU,
      transport: Transport.command(['nsenter', '--target', String(kvm1?.mountNamespacePid), '--mount', '--']),
    });
    const storage = new CephRbdStoragePool(stack, 'cli-storage', {
      host,
      cluster: ceph,
      poolName: 'cli-pool',
      clientId: 'cli-client',
    });
    new RbdBackedVm(stack, 'cli-vm', {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(256),
      rootDisk: { source: ImageSource.file(lab().guestImage) },
      dataDisks: [
        { target: 'vdb', size: Size.mebibytes(16) },
        ...(dataDisk ? [{ target: 'vdc', size: Size.mebibytes(16) }] : []),
      ],
      serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
    });
  };
}

describe('the command line on a deployed stack', () => {
  const deployment = new Deployment('cli');
  const folder = mkdtempSync(join(tmpdir(), 'clc-cli-'));
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('cli-pool');
    await deployment.deploy(stackWith());
    await admin.seen(CONSOLE, /^DISK vdb FIRST CANARY/);
  }, 180_000);

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.wipe('cli-pool');
  }, 120_000);

  /** The command as it is typed, with another PATH where a test puts a tool of its own before. */
  function start(args: readonly string[], path = process.env['PATH'] ?? '') {
    const argv = [CLI, '--dir', deployment.stackFolder, ...args];
    return execa(process.execPath, argv, { reject: false, stdin: 'ignore', env: { PATH: path } });
  }

  async function cli(...args: string[]): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
    const { exitCode, stdout, stderr } = await start(args);
    return { exitCode, stdout, stderr };
  }

  async function json(...args: string[]): Promise<any> {
    const { stdout, stderr } = await start(['--json', ...args]);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  }

  async function state(): Promise<string> {
    return (await admin.virsh('domstate', 'cli-vm')).trim();
  }

  async function shutOff(): Promise<void> {
    await admin.virsh('destroy', 'cli-vm');
  }

  async function firstBytes(image: string): Promise<string> {
    const { stdout } = await execa('rbd', ['--conf', lab().cephConf, 'export', '--no-progress', image, '-'], {
      encoding: 'buffer',
    });
    return Buffer.from(stdout).subarray(0, 64).toString('latin1');
  }

  /** An `rbd` that makes the snapshot of the first disk and hangs at the second. */
  function slowRbd(): string {
    const { PATH = '' } = process.env;
    const shim = join(folder, 'rbd');
    const real = PATH.split(':')
      .map((one) => join(one, 'rbd'))
      .find((one) => existsSync(one));
    writeFileSync(shim, `#!/bin/sh\ncase "$*" in *"snap create"*vdb*) sleep 20; exit 1;; esac\nexec ${real} "$@"\n`);
    chmodSync(shim, 0o755);
    return `${folder}:${PATH}`;
  }

  test('verify finds everything as it should be, then names what was changed by hand and ends with 2', async () => {
    expect(await cli('verify')).toEqual({ exitCode: 0, stdout: '8 objects, all as they should be', stderr: '' });
    await admin.virsh('setmem', 'cli-vm', '131072', '--config');
    const found = await cli('verify');
    expect(found.exitCode).toBe(2);
    expect(found.stdout).toMatch(/^terraform_data\.cli-vm: VM 'cli-vm': .*memory.*\n8 objects, 1 differ$/);
    const { ok, objects } = await json('verify', 'cli-vm');
    expect({ ok, addresses: objects.map((one: any) => one.address) }).toEqual({
      ok: false,
      addresses: ['terraform_data.cli-vm'],
    });
    expect((await cli('verify', 'terraform_data.cli-vm-root')).exitCode).toBe(0);
  }, 120_000);

  test('fails in one line at an address that the stack does not have', async () => {
    const { exitCode, stderr } = await cli('verify', 'web9');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(/^verify: the stack has no object 'web9'; its objects are: [^\n]*cli-vm[^\n]*$/);
  });

  test('repair shows what differs, wants a yes, and mends', async () => {
    await admin.virsh('setmem', 'cli-vm', '131072', '--config');
    const asked = await cli('repair');
    expect(asked.exitCode).toBe(1);
    expect(asked.stderr).toMatch(/VM 'cli-vm'.*memory[\s\S]*give --yes where there is no terminal/);
    const mended = await cli('repair', '--yes');
    expect(mended).toMatchObject({ exitCode: 0, stdout: '8 objects, all as they should be' });
    await deployment.expectWhole();
  }, 120_000);

  test('runbook prints the commands in the order of things, and no key', async () => {
    const { exitCode, stdout } = await cli('runbook');
    expect(exitCode).toBe(0);
    const places = ['ceph osd pool create cli-pool', 'secret-set-value', 'pool-define', 'virsh start cli-vm'].map(
      (line) => stdout.indexOf(line),
    );
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const key = await admin.ceph('auth', 'get-key', 'client.cli-client');
    expect(stdout).not.toContain(key.trim());
    expect((await json('runbook', 'cli-vm')).map((one: any) => one.kind)).toEqual(['domain']);
  }, 60_000);

  test('clients names the running VM that started before a key was made anew, until it is restarted', async () => {
    const user = (outdated: boolean): object => ({ vm: 'cli-vm', started: expect.any(String), outdated });
    const client = { entity: 'client.cli-client' };
    const renewed = { ...client, keyGeneration: 2, since: expect.any(String), until: expect.any(String) };
    expect(await json('clients')).toEqual([
      { ...client, keyGeneration: 1, users: [expect.objectContaining(user(false))] },
    ]);
    const { spec = {} } = (await deployment.specs())['cli-storage-client'] ?? {};
    await deployment.script('ceph-client', 'ensure', { ...spec, keyGeneration: 2 });
    expect(await cli('repair', '--yes')).toMatchObject({ exitCode: 0, stderr: expect.stringContaining('older key') });
    expect(await json('clients')).toEqual([{ ...renewed, users: [expect.objectContaining(user(true))] }]);
    expect(await cli('clients')).toMatchObject({
      exitCode: 2,
      stdout: expect.stringMatching(/^client\.cli-client: key of generation 2, .*\n.*\n +cli-vm .* restart$/),
    });
    await shutOff();
    await sleep(1000); // the time of a start is known to the second
    await admin.virsh('start', 'cli-vm');
    expect(await cli('clients')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/ ok$/) });
  }, 120_000);

  describe('a snapshot of the whole VM', () => {
    test('is taken of all disks while the VM is paused, and the VM runs on', async () => {
      const taken = await json('snapshot', 'cli-vm', 'before');
      expect(taken).toEqual({
        vm: 'cli-vm',
        name: 'before',
        guest: 'paused',
        disks: [
          { target: 'vda', snapshot: 'cli-pool/cli-vm-root@before' },
          { target: 'vdb', snapshot: 'cli-pool/cli-vm-vdb@before' },
          { target: 'vdc', snapshot: 'cli-pool/cli-vm-vdc@before' },
        ],
      });
      expect(await state()).toBe('running');
      const listed = await cli('snapshots', 'cli-vm');
      expect(listed.stdout).toMatch(/^NAME +TAKEN +DISKS\nbefore +\w.* vda vdb vdc$/);
    }, 60_000);

    test('fails when a disk has one of that name already', async () => {
      const { exitCode, stderr } = await cli('snapshot', 'cli-vm', 'before');
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('is there already; take') });
    }, 60_000);

    test.each(['SIGINT', 'SIGKILL'] as const)(
      'lets the VM go on when %s ends it half-way',
      async (signal) => {
        const running = start(['snapshot', 'cli-vm', signal], slowRbd());
        await until('it is paused', async () => (await state()) === 'paused');
        await until('the first disk is done', async () =>
          (await admin.rbd('snap', 'ls', 'cli-pool/cli-vm-root')).includes(signal),
        );
        running.kill(signal);
        const { exitCode } = await running;
        await until('it runs', async () => (await state()) === 'running');
        const left = await json('snapshots', 'cli-vm');
        const names = left.map((one: any) => one.name);
        // Nobody is left to take them back after a SIGKILL: the half one is listed as what it is, and never rolled back to.
        expect({ exitCode, names }).toEqual(
          signal === 'SIGINT'
            ? { exitCode: 130, names: ['before'] }
            : { exitCode: undefined, names: ['before', signal] },
        );
      },
      60_000,
    );

    test('fails to be rolled back to while the VM runs', async () => {
      const { exitCode, stderr } = await cli('rollback', 'cli-vm', 'before', '--yes');
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('it is running; shut it') });
    }, 60_000);

    test('fails to be rolled back to when not every disk has it', async () => {
      await shutOff();
      const { exitCode, stderr } = await cli('rollback', 'cli-vm', 'SIGKILL', '--yes');
      expect(exitCode).toBe(1);
      expect(stderr).toMatch(/has no snapshot 'SIGKILL' of vdb, vdc/);
    }, 60_000);

    test('fails to be rolled back to while somebody else has a disk open', async () => {
      const watcher = execa('rbd', ['--conf', lab().cephConf, 'watch', 'cli-pool/cli-vm-vdb']);
      while (!(await admin.rbd('status', 'cli-pool/cli-vm-vdb')).includes('watcher=')) await sleep(100);
      const { exitCode, stderr } = await cli('rollback', 'cli-vm', 'before', '--yes');
      watcher.stdin.end('\n');
      await watcher;
      expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('in use by client.') });
    }, 90_000);

    test('brings every disk back, and says what is lost', async () => {
      const canary = await firstBytes('cli-pool/cli-vm-vdb@before');
      await execa('rbd', [
        '--conf',
        lab().cephConf,
        'bench',
        '--io-type=write',
        '--io-size=4K',
        '--io-total=16K',
        '--io-pattern=seq',
        'cli-pool/cli-vm-vdb',
      ]);
      await admin.rbd('resize', '--no-progress', '--size', '24M', 'cli-pool/cli-vm-vdc');
      expect(await firstBytes('cli-pool/cli-vm-vdb')).not.toBe(canary);
      const asked = await cli('rollback', 'cli-vm', 'before');
      expect(asked.exitCode).toBe(1);
      expect(asked.stderr).toMatch(/vdc: 'cli-pool\/cli-vm-vdc' loses .* its size goes from 24 MiB to 16 MiB/);
      const done = await cli('rollback', 'cli-vm', 'before', '--yes');
      expect(done.exitCode).toBe(0);
      expect(await firstBytes('cli-pool/cli-vm-vdb')).toBe(canary);
      await admin.virsh('start', 'cli-vm');
      expect(await cli('verify')).toMatchObject({ exitCode: 0 });
    }, 60_000);

    test('is exported to sparse raw files, and never over one that is there', async () => {
      const target = join(folder, 'out');
      const { exitCode } = await cli('export', 'cli-vm', 'before', target);
      expect({ exitCode, files: readdirSync(target).sort() }).toEqual({
        exitCode: 0,
        files: ['vda.raw', 'vdb.raw', 'vdc.raw'],
      });
      const there = readFileSync(join(target, 'vdb.raw'));
      expect(there.length).toBe(16 * 2 ** 20);
      expect(there.subarray(0, 64).toString('latin1')).toBe(await firstBytes('cli-pool/cli-vm-vdb@before'));
      const again = await cli('export', 'cli-vm', 'before', target);
      expect(again).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('is there already') });
      expect(readdirSync(target)).toHaveLength(3);
    }, 60_000);
  });

  test('trash list shows what left, with its owner and time; restore brings it back, not over another', async () => {
    await deployment.deploy(stackWith(false));
    const [trashed, ...others] = await json('trash', 'list');
    expect(others).toEqual([]);
    expect(trashed).toMatchObject({
      pool: 'cli-pool',
      name: 'cli-vm-vdc',
      owner: "project 'e2e', stack 'cli', workspace 'default'",
      status: expect.stringMatching(/^protected until /),
    });
    const id = `cli-pool/${trashed.id}`;
    const taken = await cli('trash', 'restore', id, '--name', 'cli-vm-vdb');
    expect(taken).toMatchObject({ exitCode: 1, stderr: expect.stringContaining("'cli-pool/cli-vm-vdb' is there") });
    expect(await cli('trash', 'restore', id)).toMatchObject({
      exitCode: 0,
      stdout: "image 'cli-pool/cli-vm-vdc' is back",
    });
    expect(await json('trash', 'list', 'cli-pool')).toEqual([]);
    await deployment.deploy(stackWith());
    expect(await json('snapshots', 'cli-vm')).toContainEqual(expect.objectContaining({ name: 'before' }));
  }, 120_000);
});
