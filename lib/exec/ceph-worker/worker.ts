import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { CephError } from '../../ceph';
import { commandOf, type Method } from '../../ceph/command-texts';
import type { ClusterSpec } from '../../model';
import { ToolError } from '../../steps/tools';
import { type Child, Stopped } from '../children';
import { missingTool } from '../missing-tool';
import { locationOf } from '../location';
import { argvOf } from '../transport';
import type { ScriptSession } from '../script-session';
import { lastLines, TimeLimitError } from './faults';
import { type Frame, framesOf } from './frames';
import { Handshake } from './handshake';
import { HeldLocks } from './held-locks';
import { limitOf } from './limits';
import { type Params, Requests } from './requests';
import { startOf } from './start';

/** Seconds that the worker gets to end after its input has. Ceph may be slow if there are locks to release. */
const END_LIMIT = 3;
const END_LIMIT_LOCKED = 35;

/** One process that answers requests about a cluster for as long as its standard input is open. */
export class Worker {
  /** Resolves when the worker has ended, for whatever reason. */
  public readonly ended: Promise<void>;
  private readonly child: Child;
  private readonly handshake: Handshake;
  private readonly requests = new Requests();
  private readonly locks = new HeldLocks();
  private readonly where: string;
  private stderr = '';
  private closing = false;

  constructor(
    private readonly session: ScriptSession,
    private readonly cluster: ClusterSpec,
  ) {
    const { tag, command, input } = startOf(cluster);
    this.where = locationOf(cluster.transport);
    // The worker releases its locks when it ends, so it is not among the commands that a stop kills.
    const options = { stdin: 'pipe', keepStdout: false, evenWhenStopped: true } as const;
    this.child = session.children.start(argvOf(command), options);
    const fail = (reason: Error): void => this.fail(reason);
    this.handshake = new Handshake(cluster.transport, fail, () => this.stderr);
    this.child.stdin?.on('error', () => undefined);
    this.child.stdin?.write(input);
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr = `${this.stderr}${chunk.toString()}`.slice(-4096)));
    framesOf(this.child.stdout as Readable, tag, (frame) => this.take(frame));
    session.children.stopped.addEventListener('abort', this.stop);
    this.ended = this.child.then((result) => {
      session.children.stopped.removeEventListener('abort', this.stop);
      const signal = result.signal ? 128 + constants.signals[result.signal] : undefined;
      this.over(result.exitCode ?? signal ?? 127, result.code);
    });
    if (session.children.stopped.aborted) this.stop();
  }

  /** True while it takes requests, or is about to. */
  public get alive(): boolean {
    return !this.closing;
  }

  public get holdsLocks(): boolean {
    return this.alive && this.locks.any;
  }

  public async request(method: Method, params: Params, onProgress?: (percent: number) => void): Promise<unknown> {
    await this.handshake.ready;
    this.session.children.stopped.throwIfAborted();
    const operation = commandOf(method, params);
    return new Promise((resolve, reject) => {
      const seconds = limitOf(method);
      const late = (): void => this.fail(new TimeLimitError(operation, seconds as number, this.where));
      const timer = seconds === undefined ? undefined : setTimeout(late, seconds * 1000);
      const id = this.requests.add({ operation, method, params, resolve, reject, onProgress, timer });
      this.child.stdin?.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  /** Lets the worker end: what must not be interrupted finishes first, and every lock is released. */
  public async close(): Promise<void> {
    this.closing = true;
    this.child.stdin?.end();
    const seconds = this.locks.any ? END_LIMIT_LOCKED : END_LIMIT;
    const atomic = this.requests.atomic.length > 0;
    const timer = atomic ? undefined : setTimeout(() => this.session.children.end(this.child), seconds * 1000);
    await this.ended;
    clearTimeout(timer);
  }

  /** The script has to end: only what must not be interrupted is still waited for. */
  private readonly stop = (): void => {
    const reason = this.session.children.stopped.reason as Error;
    this.handshake.reject(reason);
    this.requests.rejectInterruptible(reason);
    for (const { operation } of this.requests.atomic) {
      this.session.say(`'${operation}' has begun: waiting for it to end`);
    }
    void this.close();
  };

  private take(frame: Frame): void {
    this.handshake.take(frame);
    if (frame.lost) this.lost(frame.lost.lock, new CephError({ operation: 'rados lock get', ...frame.lost }));
    if (frame.id === undefined) return;
    if (frame.progress !== undefined) return this.requests.progress(frame.id, frame.progress);
    const one = this.requests.settle(frame.id);
    if (one === undefined) return;
    if (frame.error) return one.reject(new CephError({ ...frame.error, operation: one.operation, where: this.where }));
    this.locks.note(one, frame.result);
    if (this.session.children.stopped.aborted) return one.reject(this.session.children.stopped.reason);
    one.resolve(frame.result ?? undefined);
  }

  /** Rejects all pending requests with the reason, and ends the worker. */
  private fail(reason: unknown): void {
    this.closing = true;
    this.handshake.reject(reason);
    this.requests.rejectAll(reason);
    this.child.stdin?.end();
    this.session.children.end(this.child);
  }

  private over(exitCode: number, code: string | undefined): void {
    const expected = this.closing;
    this.closing = true;
    const outcome = { exitCode, stdout: '', stderr: lastLines(this.stderr).join('\n') };
    const command = { argv: ['the Ceph worker'], transport: this.cluster.transport };
    const missing = missingTool({ ...command, argv: ['ceph'] }, outcome, code);
    const reason = missing ?? this.handshake.fault ?? new ToolError(command, outcome);
    this.handshake.reject(reason);
    this.requests.rejectAll(reason);
    if (!expected) this.lost(undefined, reason);
  }

  /** Another script may get the lock at any moment, so everything is stopped. With none named, all are lost. */
  private lost(lock: string | undefined, cause: Error): void {
    const images = this.locks.lose(lock);
    if (images.length === 0) return; // it has just been released
    this.session.children.stopAll(new Stopped(`the lock on image ${images.join(' and ')} was lost`, 1, cause));
  }
}
