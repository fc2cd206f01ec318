import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { until } from './until';

/** Every command that is started, with all its arguments and its environment, and every file that is opened. */
const STRACE = ['-f', '-qq', '-e', 'trace=execve,open,openat,creat', '-v', '-s', '200000'];

/**
 * Runs commands and records everything that they start, in a folder that also contains their temporary files and logs.
 */
export class Traced {
  public readonly folder = mkdtempSync(join(tmpdir(), 'clc-trace-'));
  private readonly temporary = join(this.folder, 'tmp');

  constructor() {
    mkdirSync(this.temporary);
  }

  /** Runs a command in a folder; its output is in '<name>.output', Terraform's own log in '<name>.log'. */
  public async run(name: string, cwd: string | undefined, ...argv: string[]) {
    const result = await execa('strace', ['--seccomp-bpf', ...this.options(name), ...argv], {
      cwd,
      env: {
        CHECKPOINT_DISABLE: '1',
        TMPDIR: this.temporary,
        TF_LOG: 'TRACE',
        TF_LOG_PATH: join(this.folder, `${name}.log`),
      },
      reject: false,
      all: true,
      stdin: 'ignore',
    });
    writeFileSync(join(this.folder, `${name}.output`), result.all);
    return result;
  }

  /** Traces a daemon from now on; call the returned function to stop. */
  public async attach(name: string, pid: number): Promise<() => Promise<void>> {
    const strace = execa('strace', [...this.options(name), '-p', String(pid)], { reject: false });
    const isTraced = (): boolean => /^TracerPid:\t[1-9]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
    await until(`${name} is traced`, isTraced);
    return async () => {
      strace.kill('SIGINT');
      await strace;
    };
  }

  public terraform(name: string, cwd: string, verb: string, ...args: string[]) {
    const input = verb === 'show' ? [] : ['-input=false'];
    return this.run(name, cwd, terraformBinary(), verb, '-no-color', ...input, ...args);
  }

  public traces(): string[] {
    return readdirSync(this.folder)
      .filter((name) => name.endsWith('.trace'))
      .map((name) => join(this.folder, name));
  }

  /** All records, as text. */
  public text(): string {
    return this.traces()
      .map((file) => readFileSync(file, 'latin1'))
      .join('\n');
  }

  /** The files that any of the commands has opened for writing. */
  public written(): string[] {
    const opened = /open(?:at)?\((?:AT_FDCWD, )?"(\/[^"]*)", [^)\n]*O_(?:WRONLY|RDWR|CREAT)/g;
    const files = [...this.text().matchAll(opened)].map(([, file = '']) => file);
    return [...new Set(files)].filter((file) => !/^\/(dev|proc|sys)\//.test(file));
  }

  /**
   * Those that no longer exist, so that their content cannot be checked; except the lock files of the scripts, and the
   * empty files by which the provider (go-plugin) finds a name for its socket.
   */
  public vanished(): string[] {
    const isKnown = (file: string): boolean => /\/(cdktf-libvirt-ceph-[^/]*\.lock|plugin\d+)$/.test(file);
    return this.written().filter((file) => !existsSync(file) && !isKnown(file));
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true });
  }

  private options(name: string): string[] {
    return [...STRACE, '-o', join(this.folder, `${name}.trace`)];
  }
}

/** All processes, with their environments: the QEMU of a VM is not among the traced ones. */
export function commandLines(): string {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'latin1');
    } catch {
      return ''; // the process has ended
    }
  };
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map((pid) => `${read(`/proc/${pid}/cmdline`)}\n${read(`/proc/${pid}/environ`)}`).join('\n');
}
