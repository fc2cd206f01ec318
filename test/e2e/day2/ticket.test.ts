import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import {
  CephClient,
  CephPool,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
  Transport,
} from '../../../constructs';
import { agentGuest } from '../../../lab/agent-guest';
import { CommandLine } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { useOwnLab, wordsInto } from '../../helpers/lab';
import { withoutDaemon } from '../../helpers/lab-faults';
import { Admin, labCluster, labHost } from '../../helpers/world';
import { fileSystemIn, Writer } from '../../helpers/writer';

/** Seconds; Ceph's defaults are 72 hours and one. */
const [TICKET, SERVICE_TICKET] = [60, 30];
/** The keys with which an OSD reads tickets live for three of its terms. */
const READABLE = 3 * SERVICE_TICKET;
const TERMS = { auth_mon_ticket_ttl: String(TICKET), auth_service_ticket_ttl: String(SERVICE_TICKET) };
// Both only apply to keys that are made later, so they are set from Ceph's first start.
const lab = useOwnLab(TERMS);

// Tickets are between QEMU and Ceph, so the driver has no part in them.
const driver = LibvirtDriver.VIRSH;

describe('The ticket of a VM that runs while its key is renewed', () => {
  const name = 'ticket';
  const vm = `${name}-vm`;
  const log = `${vm}-console.log`;
  const deployment = new Deployment(name);
  const cli = new CommandLine(deployment);
  const folder = mkdtempSync(join(tmpdir(), 'clc-ticket-'));
  const writer = new Writer(() => admin, log);
  let admin: Admin;
  let files: { readonly guest: string; readonly data: string };

  const stackWith =
    (keyGeneration: number) =>
    (stack: TerraformStack): void => {
      const cluster = labCluster(stack, lab());
      const host = labHost(stack, lab(), { driver, transport: Transport.command(wordsInto(lab())) });
      const pool = new CephPool(stack, `${name}-pool`, { cluster });
      const client = new CephClient(stack, `${name}-client`, { cluster, keyGeneration });
      pool.grantReadWrite(client);
      const image = (id: string, file: string): RbdImage =>
        new RbdImage(stack, id, { pool, source: ImageSource.file(file) });
      new RbdBackedVm(stack, vm, {
        secret: new LibvirtCephSecret(stack, `${name}-secret`, { host, client }),
        vcpus: 1,
        memory: Size.mebibytes(256),
        rootDisk: { image: image(`${name}-root`, files.guest) },
        dataDisks: [{ image: image(`${name}-data`, files.data), target: 'vdb' }],
        guestAgent: true,
        serialLogFile: `/var/log/libvirt/qemu/${log}`,
      });
    };

  beforeAll(async () => {
    admin = new Admin(lab());
    files = { guest: await agentGuest(lab().quickGuestImage), data: await fileSystemIn(folder) };
    // Where the tools look.
    for (const [name, seconds] of Object.entries(TERMS)) await admin.ceph('config', 'set', 'mon', name, seconds);
    await deployment.deploy(stackWith(1));
    await writer.writes();
  });

  // Its lab goes with all that it made.
  afterAll(() => {
    deployment.remove();
    rmSync(folder, { recursive: true });
  });

  /** The OSD comes back at once; everything that was connected has to reconnect. */
  async function dropConnections(): Promise<void> {
    await withoutDaemon(lab(), 'ceph-osd', () => Promise.resolve());
  }

  test('is good for new connections as long as the key is, so that the VM goes on after its OSD was restarted', async () => {
    await sleep(TICKET * 1000); // it has been renewed
    await dropConnections();
    await expect(writer.writes()).resolves.toBeUndefined();
  });

  test('the VM writes on after the rotation, even beyond the end of its ticket, over its existing connections', async () => {
    await deployment.deploy(stackWith(2));
    const rotated = Date.now();
    await writer.writes();
    const { exitCode, stdout } = await cli.run('clients');
    expect(exitCode).toBe(2);
    expect(stdout).toMatch(new RegExp(`${vm} .* restart$`, 'm'));
    const [, end = ''] = /tickets of an earlier key expire by (\S+)/.exec(stdout) ?? [];
    expect(Date.parse(end) - rotated).toBeLessThanOrEqual(TICKET * 1000);
    await sleep(Math.max(0, Date.parse(end) + READABLE * 1000 - Date.now()));
    await writer.writes();
  });

  test('after the end of the ticket the first new connection is refused, and the I/O of the VM stops', async () => {
    await dropConnections();
    // Not because of the OSD: it serves anybody with a valid key.
    await admin.rbd('info', `${name}-pool/${name}-data`);
    expect(await writer.isStillFor(15)).toBe(true);
    expect(await admin.virsh('domstate', vm)).toContain('running');
    expect((await cli.run('clients')).stdout).toMatch(new RegExp(`${vm} .* restart$`, 'm'));
  });

  test('a restart gives the VM the new key, so that it writes and is no longer named', async () => {
    await admin.virsh('destroy', vm);
    await admin.virsh('start', vm);
    await writer.writes();
    expect(await cli.run('clients')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(new RegExp(`${vm} .* ok$`, 'm')),
    });
  });
});
