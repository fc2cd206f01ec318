import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import type { LabInfo } from '../../lab/lab';
import type { Mark } from '../../lib/steps/ownership/mark';
import { clearCeph } from './clear';
import { BUNDLE, cephTool, clusterSpec, completed, rbdJson, runScript, runScriptWell, useLab } from './lab';

export const MIB = 2 ** 20;

/** A separate pool for a test file, made before its tests and deleted after them. */
export function useImagePool(pool: string, { hosts = 1 }: { readonly hosts?: 1 | 2 } = {}): ImagePool {
  const lab = useLab({ hosts });
  const images = new ImagePool(lab, pool);
  beforeAll(() => images.make());
  afterAll(() => images.end());
  return images;
}

/** What a test does with the images of its pool, and a folder for files. */
export class ImagePool {
  public readonly folder = mkdtempSync(join(tmpdir(), 'rbd-test-'));

  constructor(
    public readonly lab: () => LabInfo,
    public readonly pool: string,
  ) {}

  public async make(): Promise<void> {
    await this.ceph('osd', 'pool', 'create', this.pool, '8');
    await this.rbd('pool', 'init', this.pool);
  }

  public async end(): Promise<void> {
    rmSync(this.folder, { recursive: true, force: true });
    await clearCeph(this.lab(), { pools: [this.pool] });
  }

  /** The fields of a spec: blank and 16 MiB unless `fields` says otherwise. */
  public spec(name: string, fields: object = {}): object {
    return { cluster: clusterSpec(this.lab()), pool: this.pool, name, source: { blank: true }, ...fields };
  }

  public blank(name: string, fields: object = {}): object {
    return this.spec(name, { size: '16 MiB', ...fields });
  }

  public removal(name: string, removalPolicy: string, fields: object = {}): object {
    return { cluster: clusterSpec(this.lab()), pool: this.pool, name, removalPolicy, ...fields };
  }

  public ensure(spec: object): Promise<string> {
    return runScriptWell('rbd-image', 'ensure', spec);
  }

  public remove(spec: object): Promise<string> {
    return runScriptWell('rbd-image', 'remove', spec);
  }

  /** The script's error when it fails; throws if it succeeds. */
  public async refused(verb: 'ensure' | 'remove', spec: object): Promise<string> {
    const { exitCode, stdout, stderr } = await runScript('rbd-image', verb, spec);
    if (exitCode === 0) throw new Error(`rbd-image ${verb} was not refused: ${stdout}`);
    return stderr;
  }

  /** Runs in a working folder, like Terraform. */
  public async ensureIn(folder: string, spec: object): Promise<void> {
    const { exitCode, stderr } = await startScript('ensure', spec, folder);
    if (exitCode !== 0) throw new Error(`rbd-image ensure ended with ${exitCode}: ${stderr}`);
  }

  public async refusedIn(folder: string, spec: object): Promise<string> {
    const { exitCode, stderr } = await startScript('ensure', spec, folder);
    if (exitCode === 0) throw new Error('rbd-image ensure was not refused');
    return stderr;
  }

  /** 'pool/name' */
  public specOf(name: string): string {
    return `${this.pool}/${name}`;
  }

  public rbd(...args: string[]): Promise<string> {
    return cephTool(this.lab(), 'rbd', ...args);
  }

  public ceph(...args: string[]): Promise<string> {
    return cephTool(this.lab(), 'ceph', ...args);
  }

  /** The locks of images outlive their dead holders by a minute. */
  public async forgetDeadLocks(): Promise<void> {
    await forgetLocks(this.lab(), this.pool);
  }

  public info(name: string): Promise<any> {
    return rbdJson(this.lab(), 'info', `${this.pool}/${name}`);
  }

  public async names(): Promise<readonly string[]> {
    return rbdJson(this.lab(), 'ls', this.pool);
  }

  /** The trash of the pool, by image name. */
  public async trash(name: string): Promise<readonly { readonly id: string; readonly status: string }[]> {
    const all = await rbdJson(this.lab(), 'trash', 'ls', '--long', this.pool);
    return all.filter((entry: { readonly name: string }) => entry.name === name);
  }

  /** The one image of that name in the trash. */
  public async trashed(name: string): Promise<{ readonly id: string; readonly status: string }> {
    const [one, ...more] = await this.trash(name);
    if (one === undefined || more.length > 0) throw new Error(`there is not exactly one image '${name}' in the trash`);
    return one;
  }

  public async mark(name: string): Promise<Mark> {
    return JSON.parse(await this.rbd('image-meta', 'get', `${this.pool}/${name}`, 'cdktf-libvirt-ceph'));
  }

  /** The SHA-256 of an image's data. */
  public async digest(name: string): Promise<string> {
    const { stdout } = await execa(
      'rbd',
      ['--conf', this.lab().cephConf, 'export', '--no-progress', `${this.pool}/${name}`, '-'],
      { encoding: 'buffer', maxBuffer: 2 ** 30 },
    );
    return createHash('sha256').update(stdout).digest('hex');
  }

  /** The bytes that an image uses in the cluster. */
  public async used(name: string): Promise<number> {
    return (await rbdJson(this.lab(), 'du', `${this.pool}/${name}`)).images[0].used_size;
  }

  /** Keeps one of the images open by somebody else while `work` runs. */
  public whileOpen<T>(name: string, work: () => Promise<T>): Promise<T> {
    return whileOpen(this.lab(), this.specOf(name), work);
  }
}

/**
 * Keeps an image, 'pool/name', open by somebody else while `work` runs, as a running QEMU does; it is released at once
 * after that. `client` are rbd's options that say who, if not the admin.
 */
export async function whileOpen<T>(
  { cephConf }: LabInfo,
  image: string,
  work: () => Promise<T>,
  client: readonly string[] = [],
): Promise<T> {
  const watcher = execa('rbd', ['--conf', cephConf, ...client, 'watch', image], { all: true });
  let said = '';
  const opened = new Promise<void>((resolve) => {
    watcher.all.on('data', (data) => (said += String(data)).includes('press enter to exit') && resolve());
  });
  const ended = watcher.then(() => Promise.reject(new Error(`nobody has ${image} open any more`)));
  await Promise.race([opened, ended]);
  try {
    return await work();
  } finally {
    watcher.stdin.end('\n');
    await watcher;
  }
}

/** Starts the script as Terraform does, for a test that kills it. */
export function startScript(
  verb: 'ensure' | 'remove',
  spec: object,
  cwd: string = process.cwd(),
  env: NodeJS.ProcessEnv = {},
) {
  return execa(process.execPath, [BUNDLE, 'rbd-image', verb], {
    env: { ...env, CDKTF_LIBVIRT_CEPH_SPEC: JSON.stringify(completed(spec)) },
    cwd,
    reject: false,
    stdin: 'ignore',
  });
}

/** The objects that are the locks of a pool's images. */
export async function imageLocks(lab: LabInfo, pool: string): Promise<string[]> {
  const objects = await cephTool(lab, 'rados', '--pool', pool, 'ls');
  return objects.split('\n').filter((name) => name.startsWith('cdktf-libvirt-ceph.lock.'));
}

/** Removes them, whoever holds them; one may have disappeared by itself in the meantime. */
export async function forgetLocks(lab: LabInfo, pool: string): Promise<void> {
  for (const lock of await imageLocks(lab, pool)) {
    await cephTool(lab, 'rados', '--pool', pool, 'rm', lock).catch(() => '');
  }
}

/** The processes under `/proc` whose command line contains all of the words. */
export async function processesWith(...words: string[]): Promise<readonly number[]> {
  const { stdout } = await execa('ps', ['-eo', 'pid=,args=']);
  return stdout
    .split('\n')
    .filter((line) => words.every((word) => line.includes(word)))
    .map((line) => Number.parseInt(line, 10));
}

export function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

/** Runs' leftovers among the folders for large files, without the folder of ssh's shared connections. */
export function scratchFolders(): string[] {
  return readdirSync(tmpdir()).filter((name) => /^cdktf-libvirt-ceph-[0-9a-f]{16}-/.test(name));
}
