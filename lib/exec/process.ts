import { spawn, type ChildProcess } from 'node:child_process';
import type { Readable, Writable } from 'node:stream';

/** How many bytes of a stream are kept. */
const MOST = 256 * 1024 * 1024;

export interface ProcessOptions {
  readonly stdin: 'ignore' | 'pipe';
  /** False: the caller reads standard output. */
  readonly keepStdout: boolean;
  /** Added to the environment. */
  readonly env: { readonly [name: string]: string };
}

/** How a process ended; without a code and a signal it was never started, and `code` and `problem` say why. */
export interface Ended {
  readonly exitCode?: number;
  readonly signal?: NodeJS.Signals;
  /** Without the last newline; undefined if it is not kept. */
  readonly stdout?: string;
  readonly stderr?: string;
  readonly code?: string;
  readonly problem?: string;
}

/**
 * A process, and a promise that resolves when it has ended and nobody holds its outputs open any more. Never rejects.
 */
export interface Process extends Promise<Ended> {
  readonly pid?: number;
  readonly stdin?: Writable;
  readonly stdout?: Readable;
  readonly stderr?: Readable;
}

/** Starts a program, without a shell, in a process group of its own. */
export function startProcess(argv: readonly string[], { stdin, keepStdout, env }: ProcessOptions): Process {
  const [file = '', ...args] = argv;
  let child: ChildProcess;
  try {
    const stdio = [stdin, 'pipe', 'pipe'] as const;
    child = spawn(file, args, { stdio: [...stdio], detached: true, env: { ...process.env, ...env } });
  } catch (error) {
    return Object.assign(Promise.resolve(unstarted(error)), {});
  }
  const [out, err] = [keepStdout ? keep(child.stdout) : undefined, keep(child.stderr)];
  const ended = new Promise<Ended>((resolve) => {
    child.once('error', (error) => resolve(unstarted(error)));
    child.once('close', (exitCode, signal) => {
      const texts = { stdout: out?.(), stderr: err?.() };
      resolve({ exitCode: exitCode ?? undefined, signal: signal ?? undefined, ...texts });
    });
  });
  const streams = {
    stdin: child.stdin ?? undefined,
    stdout: child.stdout ?? undefined,
    stderr: child.stderr ?? undefined,
  };
  return Object.assign(ended, { pid: child.pid, ...streams });
}

function unstarted(error: unknown): Ended {
  const { code, message } = error as NodeJS.ErrnoException;
  return { code, problem: message };
}

/** Collects a stream; the returned function gives what has arrived so far. */
function keep(stream: Readable | null): (() => string) | undefined {
  if (stream === null) return undefined;
  const chunks: Buffer[] = [];
  let length = 0;
  stream.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (length <= MOST) chunks.push(chunk);
    else stream.destroy(); // The process notices a broken pipe by itself.
  });
  // A broken stream counts as its end; how the process ends says the rest.
  stream.on('error', () => undefined);
  return () =>
    Buffer.concat(chunks)
      .toString()
      .replace(/\r?\n$/, '');
}
