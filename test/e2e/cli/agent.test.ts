import { chmodSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa, type ResultPromise } from 'execa';
import { CephRbdStoragePool, ImageSource, RbdBackedVm, RbdImage, Size } from '../../../constructs';
import { agentGuest } from '../../../lab/agent-guest';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';
import { until } from '../../helpers/until';
import { fileSystemIn, Writer } from '../../helpers/writer';

const CLI = join(__dirname, '../../../dist/lib/cli.cjs');
const CONSOLE = 'agent-vm-console.log';
const lab = useLab();

describe('a snapshot of a VM with a guest agent', () => {
  const deployment = new Deployment('agent');
  const folder = mkdtempSync(join(tmpdir(), 'clc-agent-'));
  const writer = new Writer(() => admin, CONSOLE);
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('agent-pool');
    await deployment.deploy(stackOf(await agentGuest(lab().guestImage), await fileSystemIn(folder)));
    await until('the agent answers', async () =>
      (await admin.virsh('dumpxml', 'agent-vm')).includes(`state='connected'`),
    );
    await writer.writes();
  }, 240_000);

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.wipe('agent-pool');
  }, 120_000);

  function stackOf(guest: string, fileSystem: string): (stack: TerraformStack) => void {
    return (stack) => {
      const { ceph, host } = world(stack, lab());
      const names = { poolName: 'agent-pool', clientId: 'agent-client' };
      const storage = new CephRbdStoragePool(stack, 'agent-storage', { host, cluster: ceph, ...names });
      const data = new RbdImage(stack, 'agent-data', { pool: storage.pool, source: ImageSource.file(fileSystem) });
      new RbdBackedVm(stack, 'agent-vm', {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(256),
        rootDisk: { source: ImageSource.file(guest) },
        dataDisks: [{ image: data, target: 'vdb' }],
        guestAgent: true,
        serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
      });
    };
  }

  async function frozen(): Promise<boolean> {
    const command = JSON.stringify({ execute: 'guest-fsfreeze-status' });
    return (await admin.virsh('qemu-agent-command', 'agent-vm', command)).includes('"frozen"');
  }

  /** The command, with an `rbd` that waits before the snapshot of the second disk, which is then taken or fails. */
  function snapshot(
    name: string,
    second: 'taken' | 'fails',
  ): ResultPromise<{ reject: false; stdin: 'ignore'; forceKillAfterDelay: false }> {
    const { PATH = '' } = process.env;
    const real = PATH.split(':')
      .map((one) => join(one, 'rbd'))
      .find((one) => existsSync(one));
    const shim = join(folder, 'rbd');
    const then = second === 'taken' ? '' : '; exit 1';
    writeFileSync(
      shim,
      `#!/bin/sh\ncase "$*" in *"snap create"*agent-data*) sleep 4${then};; esac\nexec ${real} "$@"\n`,
    );
    chmodSync(shim, 0o755);
    const argv = [CLI, '--dir', deployment.stackFolder, '--json', 'snapshot', 'agent-vm', name];
    return execa(process.execPath, argv, {
      reject: false,
      stdin: 'ignore',
      forceKillAfterDelay: false,
      env: { PATH: `${folder}:${PATH}` },
    });
  }

  test('is taken while its file systems are frozen, and it runs: nothing is written until all disks are done', async () => {
    const running = snapshot('whole', 'taken');
    await until('it is frozen', frozen);
    expect(await writer.isStillFor(2)).toBe(true);
    expect(await admin.virsh('domstate', 'agent-vm')).toContain('running');
    const { exitCode, stdout, stderr } = await running;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ guest: 'frozen', disks: [{ target: 'vda' }, { target: 'vdb' }] });
    expect(await frozen()).toBe(false);
    await writer.writes();
  }, 120_000);

  test('holds a file system that needs no repair, not even its journal', async () => {
    const file = join(folder, 'out.raw');
    await admin.rbd('export', '--no-progress', 'agent-pool/agent-data@whole', file);
    expect((await execa('dumpe2fs', ['-h', file])).stdout).not.toContain('needs_recovery');
    expect((await execa('e2fsck', ['-f', '-n', file], { reject: false })).exitCode).toBe(0);
  }, 60_000);

  test.each(['fails', 'SIGTERM', 'SIGKILL'] as const)(
    'is thawed when the snapshot of a disk does not end: %s',
    async (how) => {
      const running = snapshot(how, how === 'fails' ? 'fails' : 'taken');
      const snapshots = () => admin.rbd('snap', 'ls', 'agent-pool/agent-vm-root');
      await until('it is frozen', frozen);
      await until('the first disk is done', async () => (await snapshots()).includes(how));
      if (how !== 'fails') running.kill(how);
      expect((await running).exitCode).toBe(how === 'fails' ? 1 : how === 'SIGTERM' ? 143 : undefined);
      await until('it is thawed', async () => !(await frozen()));
      await writer.writes();
      // What a kill leaves, 'snapshots' lists, and the line that takes it away comes with the next one of that name.
      expect((await snapshots()).includes(how)).toBe(how === 'SIGKILL');
    },
    120_000,
  );
});
