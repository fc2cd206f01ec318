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
import { useLab } from '../../helpers/lab';
import { Admin } from '../../helpers/world';
import { fileSystemIn, Writer } from '../../helpers/writer';

const CLI = join(__dirname, '../../../dist/lib/cli.cjs');
const CONSOLE = 'ticket-vm-console.log';
/** Seconds; both count for tickets that are given out from then on. Ceph's own: 72 hours and one. */
const TTL = { auth_mon_ticket_ttl: 40, auth_service_ticket_ttl: 20 };
const lab = useLab();

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
    await admin.wipe('ticket-pool');
    files = { guest: await agentGuest(lab().guestImage), data: await fileSystemIn(folder) };
    for (const [name, seconds] of Object.entries(TTL)) await admin.ceph('config', 'set', 'mon', name, String(seconds));
    await deployment.deploy(stackWith(1));
    await writer.writes();
  }, 240_000);

  afterAll(async () => {
    for (const name of Object.keys(TTL)) await admin.ceph('config', 'rm', 'mon', name);
    await admin.virsh('destroy', 'ticket-vm').catch(() => '');
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.wipe('ticket-pool');
  }, 120_000);

  async function clients(): Promise<{ readonly exitCode: number | undefined; readonly stdout: string }> {
    const argv = [CLI, '--dir', deployment.stackFolder, 'clients'];
    const { exitCode, stdout } = await execa(process.execPath, argv, { reject: false, stdin: 'ignore' });
    return { exitCode, stdout };
  }

  test('the VM writes on after the rotation, beyond the end of its ticket too, and is named as one to restart', async () => {
    await deployment.deploy(stackWith(2));
    const rotated = Date.now();
    await writer.writes();
    const { exitCode, stdout } = await clients();
    expect(exitCode).toBe(2);
    const [, end = ''] = /tickets of an earlier key end by (\S+)/.exec(stdout) ?? [];
    expect(Date.parse(end) - rotated).toBeLessThanOrEqual(TTL.auth_mon_ticket_ttl * 1000);
    await sleep(Math.max(0, Date.parse(end) + TTL.auth_service_ticket_ttl * 1000 - Date.now()));
    await writer.writes();
    expect((await clients()).stdout).toMatch(/ticket-vm .* restart$/m);
  }, 120_000);

  test('a restart gives the VM the new key: it writes, and is no longer named', async () => {
    await admin.virsh('destroy', 'ticket-vm');
    await admin.virsh('start', 'ticket-vm');
    await writer.writes();
    expect(await clients()).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/ticket-vm .* ok$/m) });
  }, 120_000);
});
