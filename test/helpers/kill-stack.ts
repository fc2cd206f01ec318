import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephClient,
  CephClientConfig,
  CephPool,
  CephRbdStoragePool,
  DiskBus,
  Duration,
  ImageSource,
  LibvirtCephSecret,
  type LibvirtDriver,
  RbdBackedVm,
  RbdDiskAttachment,
  RbdImage,
  RbdSnapshot,
  RemovalPolicy,
  RestartPolicy,
  Size,
  Transport,
} from '../../constructs';
import type { LabInfo } from '../../lab/lab';
import { WebServer } from './http';
import { sha256Of } from './rbd';
import { type Admin, labCluster, world } from './world';

/** The objects whose scripts are killed while they are made, changed and removed. */
export const WORDS = [
  'pool',
  'client',
  'secret',
  'storage',
  'config',
  'blank',
  'file',
  'url',
  'stream',
  'clone',
  'flat',
  'snap',
  'vm',
  'attach',
] as const;
type Word = (typeof WORDS)[number];
/** The number of objects for each word. */
export type Copies = { readonly [word: string]: number };
export const PHASES = ['make', 'change', 'remove'] as const;
export type Phase = (typeof PHASES)[number];

export function nameOf(word: Word, i: number): string {
  return `kp-${word}-${String(i).padStart(2, '0')}`;
}

/** The sources of a stack's images, in a folder. */
export class Sources {
  public readonly raw: string;
  public readonly qcow2: string;
  private readonly server = new WebServer();

  constructor(public readonly folder: string) {
    this.raw = join(folder, 'golden.raw');
    this.qcow2 = join(folder, 'golden.qcow2');
  }

  public async make(): Promise<void> {
    const content = Buffer.alloc(2 ** 20, 'golden image ');
    writeFileSync(this.raw, content);
    await execa('qemu-img', ['convert', '-O', 'qcow2', this.raw, this.qcow2]);
    this.server.answer = (_, response) => response.end(content);
    await this.server.start();
  }

  public get url(): string {
    return this.server.url('golden.raw');
  }

  public end(): void {
    this.server.stop();
  }
}

/**
 * A pool, client, secret and image whose scripts are never killed, and beside them many like objects: each script dies
 * at another point, so that one apply covers many points.
 */
export function killStack(
  lab: LabInfo,
  sources: Sources,
  driver: LibvirtDriver,
  copies: Copies,
  phase: Phase,
): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab, driver);
    const elsewhere = labCluster(stack, lab, { id: 'elsewhere', transport: Transport.command(['env']) });
    const changed = phase === 'change';
    const pool = new CephPool(stack, 'kp-base', { cluster: ceph, pgNum: 8 });
    const client = new CephClient(stack, 'kp-client', { cluster: ceph });
    pool.grantReadWrite(client);
    const secret = new LibvirtCephSecret(stack, 'kp-secret', { host, client });
    const golden = new RbdImage(stack, 'kp-golden', { pool, source: ImageSource.file(sources.raw) });
    const each = (word: Word, make: (name: string) => void): void => {
      for (let i = 1; i <= (phase === 'remove' ? 0 : (copies[word] ?? 0)); i++) make(nameOf(word, i));
    };
    const size = Size.mebibytes(changed ? 16 : 8);
    each(
      'pool',
      (name) =>
        new CephPool(stack, name, { cluster: ceph, pgNum: changed ? 2 : 1, removalPolicy: RemovalPolicy.DELETE }),
    );
    each('client', (name) => {
      const one = new CephClient(stack, name, { cluster: ceph, keyGeneration: changed ? 2 : 1 });
      changed ? pool.grantReadWrite(one) : pool.grantReadOnly(one);
    });
    each('secret', (name) => new LibvirtCephSecret(stack, name, { host, client, usage: name, private: changed }));
    each('storage', (name) => new CephRbdStoragePool(stack, name, { host, pool, client, secret, autostart: !changed }));
    each('config', (name) => {
      const confFile = join(sources.folder, `${name}.conf`);
      // A host has one configuration per client.
      const one = new CephClient(stack, name.replace('kp-', 'kpi-'), { cluster: ceph });
      new CephClientConfig(stack, name, {
        host,
        client: one,
        confFile,
        logFile: `/var/log/${changed ? 'b' : 'a'}.log`,
      });
    });
    each('blank', (name) => new RbdImage(stack, name, { pool, size, removalPolicy: RemovalPolicy.DELETE }));
    each('file', (name) => new RbdImage(stack, name, { pool, size, source: ImageSource.file(sources.raw) }));
    each('url', (name) => {
      const source = ImageSource.url(sources.url, { sha256: sha256Of(sources.raw) });
      new RbdImage(stack, name, { pool, size, source });
    });
    const away = CephPool.fromPoolName(stack, 'away', { cluster: elsewhere, poolName: pool.poolName });
    each('stream', (name) => {
      const one = new RbdImage(stack, name, { pool: away, size, source: ImageSource.file(sources.qcow2) });
      one.node.addDependency(pool);
    });
    each('clone', (name) => new RbdImage(stack, name, { pool, size, source: ImageSource.clone(golden) }));
    each(
      'flat',
      (name) => new RbdImage(stack, name, { pool, size, source: ImageSource.clone(golden, { flatten: true }) }),
    );
    each('snap', (name) => {
      const image = new RbdImage(stack, name.replace('kp-', 'kpi-'), { pool, size: Size.mebibytes(8) });
      new RbdSnapshot(stack, name, { image, removalPolicy: RemovalPolicy.DELETE });
    });
    each('vm', (name) => {
      new RbdBackedVm(stack, name, {
        secret,
        vcpus: 1,
        memory: Size.mebibytes(changed ? 48 : 32),
        rootDisk: { image: new RbdImage(stack, `${name}-root`, { pool, size: Size.mebibytes(8) }) },
        dataDisks: [{ image: new RbdImage(stack, `kpi${name.slice(2)}`, { pool, size }), target: 'vdb' }],
        shutdownTimeout: Duration.seconds(1),
        restartPolicy: RestartPolicy.NOW,
      });
    });
    each('attach', (name) => {
      const image = new RbdImage(stack, `kpi${name.slice(2)}`, { pool, size: Size.mebibytes(8) });
      // Its VM has no guest that would release a PCI device.
      const disk = { image, target: 'sda', bus: DiskBus.USB };
      new RbdDiskAttachment(stack, name, { secret, vmName: name, disk });
    });
  };
}

/** The VMs to which disks are attached: made by hand, and running. */
export async function startLegacyVms(admin: Admin, folder: string, count: number): Promise<void> {
  for (let i = 1; i <= count; i++) {
    const name = nameOf('attach', i);
    const file = join(folder, 'legacy.xml');
    const os = '<os><type machine="pc">hvm</type></os>';
    writeFileSync(file, `<domain type="qemu"><name>${name}</name><memory unit="MiB">32</memory>${os}</domain>`);
    await admin.virsh('define', file);
    await admin.virsh('start', name);
  }
}

export async function removeLegacyVms(admin: Admin): Promise<void> {
  const names = (await admin.virsh('list', '--all', '--name')).split('\n');
  for (const name of names.filter((one) => one.startsWith('kp-attach-'))) {
    await admin.virsh('destroy', name);
    await admin.virsh('undefine', name);
  }
}
