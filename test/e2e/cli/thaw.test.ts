import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { CephRbdStoragePool, ImageSource, RbdBackedVm, RbdImage, Size } from '../../../constructs';
import { agentGuest } from '../../../lab/agent-guest';
import { CommandLine } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { pathWithTool, waitFor } from '../../helpers/shim';
import { until } from '../../helpers/until';
import { Admin, world } from '../../helpers/world';
import { fileSystemIn, Writer } from '../../helpers/writer';

const lab = useLab();

describe('A VM that was frozen for a snapshot', () => {
  const deployment = new Deployment('thaw');
  const cli = new CommandLine(deployment);
  const folder = mkdtempSync(join(tmpdir(), 'clc-thaw-'));
  const writer = new Writer(() => admin, 'thaw-vm-console.log');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('thaw-pool');
    const guest = await agentGuest(lab().quickGuestImage);
    const fileSystem = await fileSystemIn(folder);
    await deployment.deploy((stack) => {
      const { ceph, host } = world(stack, lab());
      const names = { poolName: 'thaw-pool', clientId: 'thaw-client' };
      const storage = new CephRbdStoragePool(stack, 'thaw-storage', { host, cluster: ceph, ...names });
      const data = new RbdImage(stack, 'thaw-data', { pool: storage.pool, source: ImageSource.file(fileSystem) });
      new RbdBackedVm(stack, 'thaw-vm', {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(256),
        rootDisk: { source: ImageSource.file(guest) },
        dataDisks: [{ image: data, target: 'vdb' }],
        guestAgent: true,
        serialLogFile: '/var/log/libvirt/qemu/thaw-vm-console.log',
      });
    });
    const connected = async () => (await admin.virsh('dumpxml', 'thaw-vm')).includes(`state='connected'`);
    await until('the agent answers', connected);
    await writer.writes();
  });

  afterAll(async () => {
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.clear('thaw-');
  });

  async function status(): Promise<string> {
    const command = JSON.stringify({ execute: 'guest-fsfreeze-status' });
    return (await admin.virsh('qemu-agent-command', 'thaw-vm', command)).includes('"frozen"') ? 'frozen' : 'thawed';
  }

  /** A PATH with a tool that first runs a piece of shell if its arguments contain certain others. */
  function pathWith(tool: string, words: string, first: string): string {
    return pathWithTool(folder, tool, `case "$*" in *"${words}"*) ${first} ;; esac`);
  }

  test('is thawed by another try when the first ones fail', async () => {
    const log = join(folder, 'tries');
    const fails = `echo x >>${log}; [ $(grep -c x ${log}) -gt 2 ] || { echo 'cannot acquire lock' >&2; exit 1; }`;
    const running = cli.start(['--json', 'snapshot', 'thaw-vm', 'tries'], pathWith('virsh', 'domfsthaw', fails));
    const { exitCode, stdout, stderr } = await running;
    expect({ exitCode, guest: JSON.parse(stdout).guest }).toEqual({ exitCode: 0, guest: 'frozen' });
    expect(stderr).toMatch(
      /^Warning: VM 'thaw-vm' is not resumed yet \(cannot acquire lock\): trying again for 300 s$/,
    );
    expect(await status()).toBe('thawed');
  });

  test('is distinguished from one that somebody else thawed in the meantime', async () => {
    const thaw = `virsh --connect '${lab().hosts[0]?.virshUri}' domfsthaw thaw-vm >/dev/null`;
    const { exitCode, stdout } = await cli.start(
      ['snapshot', 'thaw-vm', 'lapsed'],
      pathWith('rbd', 'snap create', thaw),
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 2, stdout: expect.stringContaining('from different moments') });
  });

  test.each(['SIGKILL', 'SIGTERM'] as const)('is thawed when %s comes before it is frozen', async (signal) => {
    const [begun, goOn, done] = ['begun', 'go-on', 'done'].map((file) => join(folder, `${signal}-${file}`));
    const shell = `case "$*" in
*domfsfreeze*) : >'${begun}'; ${waitFor(goOn!)} ;;
*domfsthaw*) ;;
*) exec "$real" "$@" ;;
esac
"$real" "$@" && echo "$*" >>'${done}'; exit`;
    const path = pathWithTool(folder, 'virsh', shell);
    const running = cli.start(['snapshot', 'thaw-vm', signal], path);
    await until('it is about to be frozen', () => existsSync(begun!));
    running.kill(signal);
    await sleep(1000);
    writeFileSync(goOn!, '');
    expect((await running).exitCode).toBe(signal === 'SIGTERM' ? 143 : undefined);
    // The thaw comes after the freeze, even if nobody is left to ensure that.
    await until('it was thawed', () => /domfsfreeze.*\n.*domfsthaw/.test(readFileSync(done!, 'utf8')));
    expect(await status()).toBe('thawed');
    expect((await admin.rbd('snap', 'ls', 'thaw-pool/thaw-vm-root')).includes(signal)).toBe(false);
  });
});
