import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephClient,
  CephCluster,
  CephPool,
  DomainType,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  RbdImage,
  Size,
  Transport,
} from '../../../constructs';
import { agentGuest } from '../../../lab/agent-guest';
import { Deployment } from '../../helpers/deploy';
import { useOwnLab } from '../../helpers/lab';
import { withoutDaemon } from '../../helpers/lab-faults';
import { Admin } from '../../helpers/world';
import { fileSystemIn, Writer } from '../../helpers/writer';

const CLI = join(__dirname, '../../../dist/lib/cli.cjs');
const CONSOLE = 'ticket-vm-console.log';
/** Seconds; Ceph's own: 72 hours and one. */
const [TICKET, SERVICE_TICKET] = [60, 30];
/** The keys by which an OSD reads tickets live for three of its terms. */
const READABLE = 3 * SERVICE_TICKET;
const TERMS = { auth_mon_ticket_ttl: String(TICKET), auth_service_ticket_ttl: String(SERVICE_TICKET) };
// Both count for keys that are made from then on: from the first start of Ceph.
const lab = useOwnLab(TERMS);

describe('the ticket of a VM that runs while its key is made anew', () => {
  const deployment = new Deployment('ticket');
  const folder = mkdtempSync(join(tmpdir(), 'clc-ticket-'));
  const writer = new Writer(() => admin, CONSOLE);
  let admin: Admin;
  let files: { readonly guest: string; readonly data: string };

  const stackWith =
    (keyGeneration: number) =>
    (stack: TerraformStack): void => {
      const cluster = new CephCluster(stack, 'ceph', { monitors: [...lab().monitors], confFile: lab().cephConf });
      const [kvm1] = lab().hosts;
      const host = new LibvirtHost(stack, 'kvm1', {
        uri: kvm1?.uri ?? '',
        driver: LibvirtDriver.VIRSH,
        domainType: DomainType.QEMU,
        transport: Transport.command(['nsenter', '--target', String(kvm1?.mountNamespacePid), '--mount', '--']),
      });
      const pool = new CephPool(stack, 'ticket-pool', { cluster });
      const client = new CephClient(stack, 'ticket-client', { cluster, keyGeneration });
      pool.grantReadWrite(client);
      const image = (id: string, file: string): RbdImage =>
        new RbdImage(stack, id, { pool, source: ImageSource.file(file) });
      new RbdBackedVm(stack, 'ticket-vm', {
        secret: new LibvirtCephSecret(stack, 'ticket-secret', { host, client }),
        vcpus: 1,
        memory: Size.mebibytes(256),
        rootDisk: { image: image('ticket-root', files.guest) },
        dataDisks: [{ image: image('ticket-data', files.data), target: 'vdb' }],
        guestAgent: true,
        serialLogFile: `/var/log/libvirt/qemu/${CONSOLE}`,
      });
    };

  beforeAll(async () => {
    admin = new Admin(lab());
    files = { guest: await agentGuest(lab().guestImage), data: await fileSystemIn(folder) };
    // Where the tools look.
    for (const [name, seconds] of Object.entries(TERMS)) await admin.ceph('config', 'set', 'mon', name, seconds);
    await deployment.deploy(stackWith(1));
    await writer.writes();
  }, 240_000);

  afterAll(async () => {
    await admin.virsh('destroy', 'ticket-vm').catch(() => '');
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    rmSync(folder, { recursive: true });
  }, 300_000);

  async function clients(): Promise<{ readonly exitCode: number | undefined; readonly stdout: string }> {
    const argv = [CLI, '--dir', deployment.stackFolder, 'clients'];
    const { exitCode, stdout } = await execa(process.execPath, argv, { reject: false, stdin: 'ignore' });
    return { exitCode, stdout };
  }

  /** The OSD comes back at once; whoever was connected has to connect anew. */
  async function dropConnections(): Promise<void> {
    await withoutDaemon(lab(), 'ceph-osd', () => Promise.resolve());
  }

  test('is good for new connections as long as the key is: the VM goes on after its OSD was restarted', async () => {
    await sleep(TICKET * 1000); // it has been renewed
    await dropConnections();
    await expect(writer.writes()).resolves.toBeUndefined();
  }, 300_000);

  test('the VM writes on after the rotation, also beyond the end of its ticket, over the connections that it has', async () => {
    await deployment.deploy(stackWith(2));
    const rotated = Date.now();
    await writer.writes();
    const { exitCode, stdout } = await clients();
    expect(exitCode).toBe(2);
    const [, end = ''] = /tickets of an earlier key end by (\S+)/.exec(stdout) ?? [];
    expect(Date.parse(end) - rotated).toBeLessThanOrEqual(TICKET * 1000);
    await sleep(Math.max(0, Date.parse(end) + READABLE * 1000 - Date.now()));
    await writer.writes();
  }, 300_000);

  test('after its end the first new connection is refused: the I/O of the VM stands still', async () => {
    await dropConnections();
    expect(await writer.isStillFor(15)).toBe(true);
    expect(await admin.virsh('domstate', 'ticket-vm')).toContain('running');
    expect((await clients()).stdout).toMatch(/ticket-vm .* restart$/m);
  }, 300_000);

  test('a restart gives the VM the new key: it writes, and is no longer named', async () => {
    await admin.virsh('destroy', 'ticket-vm');
    await admin.virsh('start', 'ticket-vm');
    await writer.writes();
    expect(await clients()).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/ticket-vm .* ok$/m) });
  }, 300_000);
});
