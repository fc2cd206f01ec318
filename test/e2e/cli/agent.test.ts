import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephRbdStoragePool, ImageSource, RbdBackedVm, RbdImage, Size } from '../../../constructs';
import { agentGuest } from '../../../lab/agent-guest';
import { CommandLine, pathWithSlowRbd } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { pathWithTool, waitFor } from '../../helpers/shim';
import { until } from '../../helpers/until';
import { Admin, world } from '../../helpers/world';
import { fileSystemIn, Writer } from '../../helpers/writer';

const lab = useLab();

// The drivers differ in what snapshot.test.ts does with both.
describe('A snapshot of a VM with a guest agent', () => {
  const name = 'agent';
  const [vm, pool] = [`${name}-vm`, `${name}-pool`];
  const log = `${vm}-console.log`;
  const deployment = new Deployment(name);
  const cli = new CommandLine(deployment);
  const folder = mkdtempSync(join(tmpdir(), 'clc-agent-'));
  const writer = new Writer(() => admin, log);
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    await deployment.deploy(stackOf(await agentGuest(lab().quickGuestImage), await fileSystemIn(folder)));
    await until('the agent answers', async () => (await admin.virsh('dumpxml', vm)).includes(`state='connected'`));
    await writer.writes();
  });

  afterAll(async () => {
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.clear(name);
  });

  function stackOf(guest: string, fileSystem: string): (stack: TerraformStack) => void {
    return (stack) => {
      const { ceph, host } = world(stack, lab());
      const names = { poolName: pool, clientId: `${name}-client` };
      const storage = new CephRbdStoragePool(stack, `${name}-storage`, { host, cluster: ceph, ...names });
      const data = new RbdImage(stack, `${name}-data`, { pool: storage.pool, source: ImageSource.file(fileSystem) });
      new RbdBackedVm(stack, vm, {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(256),
        rootDisk: { source: ImageSource.file(guest) },
        dataDisks: [{ image: data, target: 'vdb' }],
        guestAgent: true,
        serialLogFile: `/var/log/libvirt/qemu/${log}`,
      });
    };
  }

  async function frozen(): Promise<boolean> {
    const command = JSON.stringify({ execute: 'guest-fsfreeze-status' });
    return (await admin.virsh('qemu-agent-command', vm, command)).includes('"frozen"');
  }

  /** The command; its snapshot of the second disk waits for `goOn`, and is then taken or fails. */
  function snapshot(called: string, second: 'taken' | 'fails'): ReturnType<CommandLine['start']> {
    const path = pathWithSlowRbd(folder, `${name}-data`, join(folder, called), second);
    return cli.start(['--json', 'snapshot', vm, called], path);
  }

  function goOn(called: string): void {
    writeFileSync(join(folder, called), '');
  }

  test('is taken while its file systems are frozen and the VM runs, and nothing is written until all disks are done', async () => {
    const running = snapshot('whole', 'taken');
    await until('it is frozen', frozen);
    expect(await writer.isStillFor(2)).toBe(true);
    expect(await admin.virsh('domstate', vm)).toContain('running');
    goOn('whole');
    const { exitCode, stdout, stderr } = await running;
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
    expect(JSON.parse(stdout)).toMatchObject({ guest: 'frozen', disks: [{ target: 'vda' }, { target: 'vdb' }] });
    expect(await frozen()).toBe(false);
    await writer.writes();
  });

  test('holds a file system that needs no repair, not even from its journal', async () => {
    const file = join(folder, 'out.raw');
    await admin.rbd('export', '--no-progress', `${pool}/${name}-data@whole`, file);
    expect((await execa('dumpe2fs', ['-h', file])).stdout).not.toContain('needs_recovery');
    expect((await execa('e2fsck', ['-f', '-n', file], { reject: false })).exitCode).toBe(0);
  });

  test.each(['fails', 'SIGTERM', 'SIGKILL'] as const)(
    'thaws the VM when the snapshot of a disk does not finish: %s',
    async (how) => {
      const running = snapshot(how, how === 'fails' ? 'fails' : 'taken');
      const snapshots = () => admin.rbd('snap', 'ls', `${pool}/${vm}-root`);
      await until('it is frozen', frozen);
      await until('the first disk is done', async () => (await snapshots()).includes(how));
      if (how !== 'fails') running.kill(how);
      // After a kill the VM is thawed at once; an interruption lets the snapshot in progress finish.
      if (how === 'SIGKILL') await until('it is thawed', async () => !(await frozen()));
      goOn(how);
      expect((await running).exitCode).toBe(how === 'fails' ? 1 : how === 'SIGTERM' ? 143 : undefined);
      await until('it is thawed', async () => !(await frozen()));
      await writer.writes();
      // 'snapshots' lists what a kill leaves, and the error for the next snapshot of that name has the command that
      // removes it.
      expect((await snapshots()).includes(how)).toBe(how === 'SIGKILL');
    },
  );

  /** A PATH with a tool that first runs a piece of shell if its arguments contain certain others. */
  function pathWith(tool: string, words: string, first: string): string {
    return pathWithTool(folder, tool, `case "$*" in *"${words}"*) ${first} ;; esac`);
  }

  test('thaws the VM with another try when the first ones fail', async () => {
    const log = join(folder, 'tries');
    const fails = `echo x >>${log}; [ $(grep -c x ${log}) -gt 2 ] || { echo 'cannot acquire lock' >&2; exit 1; }`;
    const running = cli.start(['--json', 'snapshot', vm, 'tries'], pathWith('virsh', 'domfsthaw', fails));
    const { exitCode, stdout, stderr } = await running;
    expect({ exitCode, guest: JSON.parse(stdout).guest }).toEqual({ exitCode: 0, guest: 'frozen' });
    expect(stderr).toMatch(
      /^Warning: VM 'agent-vm' is not resumed yet \(cannot acquire lock\): trying again for 300 s$/,
    );
    expect(await frozen()).toBe(false);
  });

  test('exits with 2 and says so when somebody else thaws the VM in the meantime', async () => {
    const thaw = `virsh --connect '${lab().hosts[0]?.virshUri}' domfsthaw ${vm} >/dev/null`;
    const { exitCode, stdout } = await cli.start(['snapshot', vm, 'lapsed'], pathWith('rbd', 'snap create', thaw));
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: expect.stringContaining('from different moments') });
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)('thaws the VM when %s comes before it is frozen', async (signal) => {
    const [begun, goOn, done] = ['begun', 'go-on', 'done'].map((file) => join(folder, `${signal}-${file}`));
    const shell = `case "$*" in
*domfsfreeze*) : >'${begun}'; ${waitFor(goOn!)} ;;
*domfsthaw*) ;;
*) exec "$real" "$@" ;;
esac
"$real" "$@" && echo "$*" >>'${done}'; exit`;
    const path = pathWithTool(folder, 'virsh', shell);
    const running = cli.start(['snapshot', vm, `early-${signal}`], path);
    await until('it is about to be frozen', () => existsSync(begun!));
    running.kill(signal);
    await sleep(1000);
    writeFileSync(goOn!, '');
    expect((await running).exitCode).toBe(signal === 'SIGTERM' ? 143 : undefined);
    // The thaw comes after the freeze, even if nobody is left to ensure that.
    await until('it was thawed', () => /domfsfreeze.*\n.*domfsthaw/.test(readFileSync(done!, 'utf8')));
    expect(await frozen()).toBe(false);
    expect((await admin.rbd('snap', 'ls', `${pool}/${vm}-root`)).includes('early')).toBe(false);
  });
});
