import { join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import type { Deployment } from './deploy';
import { pathWithTool, waitFor } from './shim';

const CLI = join(__dirname, '../../dist/lib/cli.cjs');
const TYPED = { reject: false, stdin: 'ignore', forceKillAfterDelay: false } as const;

/** `cdktf-libvirt-ceph` on a deployed stack. */
export class CommandLine {
  constructor(private readonly deployment: Pick<Deployment, 'stackFolder'>) {}

  /** Starts it without waiting; `path` is another PATH, in which a test puts its own tool first. */
  public start(args: readonly string[], path = process.env['PATH'] ?? ''): ResultPromise<typeof TYPED> {
    const argv = [CLI, '--dir', this.deployment.stackFolder, ...args];
    return execa(process.execPath, argv, { ...TYPED, env: { PATH: path } });
  }

  public async run(...args: string[]): Promise<{ exitCode: number | undefined; stdout: string; stderr: string }> {
    const { exitCode, stdout, stderr } = await this.start(args);
    return { exitCode, stdout, stderr };
  }

  /** What it prints with `--json`. */
  public async json(...args: string[]): Promise<any> {
    const { stdout, stderr } = await this.start(['--json', ...args]);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout);
  }
}

/** A PATH with an `rbd` that waits for a file (at most a minute) before a snapshot of an image is taken, or fails. */
export function pathWithSlowRbd(folder: string, image: string, file: string, then: 'taken' | 'fails'): string {
  const ends = then === 'taken' ? '' : '; exit 1';
  return pathWithTool(folder, 'rbd', `case "$*" in *"snap create"*${image}*) ${waitFor(file)}${ends} ;; esac`);
}
