import { constants } from 'node:os';
import type { Readable } from 'node:stream';
import { CephError, type CephFault } from '../../ceph';
import { commandOf, type Method } from '../../ceph/commands';
import type { ClusterSpec } from '../../model';
import { ToolError } from '../../steps/tools';
import { type Child, Stopped } from '../children';
import { missingTool } from '../missing-tool';
import { placeOf } from '../place';
import { argvOf } from '../transport';
import type { Session } from '../session';
import {
  lastLines,
  type MissingModule,
  missingModules,
  noInput,
  refused,
  silentConnection,
  TimeLimitError,
} from './faults';
import { ATOMIC, limitOf } from './limits';
import { type Start, startOf } from './start';

/** Seconds until the worker must answer for the first time, and then until it must have its program. */
const START_LIMIT = 20;
/** Seconds that connecting to the cluster may take; the worker itself gives up earlier. */
const CONNECT_LIMIT = 25;
/** Seconds that the worker gets to end after its input has. Ceph may be slow if there are locks to release. */
const END_LIMIT = 3;
const END_LIMIT_LOCKED = 35;

type Params = { readonly [name: string]: unknown };

interface Frame {
  readonly id?: number;
  readonly result?: unknown;
  readonly error?: Omit<CephFault, 'operation'>;
  readonly progress?: number;
  readonly started?: boolean;
  readonly fed?: boolean;
  readonly noInput?: boolean;
  readonly missing?: readonly MissingModule[];
  readonly python?: string;
  readonly refused?: { readonly errno: number; readonly message: string };
  readonly ready?: object;
  readonly lost?: { readonly lock: string; readonly errno: number; readonly message: string };
}

interface Pending {
  readonly operation: string;
  readonly method: Method;
  readonly params: Params;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
  readonly onProgress?: (percent: number) => void;
  readonly timer?: NodeJS.Timeout;
}

/** One process that answers requests about a cluster for as long as its standard input is open. */
export class Worker {
  /** Resolves when the worker has ended, for whatever reason. */
  public readonly ended: Promise<void>;
  private readonly ready: Promise<void>;
  private readonly child: Child;
  private readonly start: Start;
  private readonly pending = new Map<number, Pending>();
  /** The image that each lock is on. */
  private readonly locks = new Map<string, string>();
  private readonly where: string;
  private settle: { resolve: () => void; reject: (error: unknown) => void } | undefined;
  private limit: NodeJS.Timeout | undefined;
  private next = 1;
  private stderr = '';
  private refusal: Frame['refused'];
  private closing = false;

  constructor(
    private readonly session: Session,
    private readonly cluster: ClusterSpec,
  ) {
    this.start = startOf(cluster);
    this.where = placeOf(cluster.transport);
    // The worker releases its locks when it ends, so it is not among the commands that a stop kills.
    const options = { stdin: 'pipe', keepStdout: false, evenWhenStopped: true } as const;
    this.child = session.children.start(argvOf(this.start.command), options);
    this.ready = new Promise((resolve, reject) => (this.settle = { resolve, reject }));
    this.ready.catch(() => undefined);
    this.within(START_LIMIT, () => noInput(this.cluster.transport));
    this.child.stdin?.on('error', () => undefined);
    this.child.stdin?.write(this.start.input);
    this.child.stderr?.on('data', (chunk: Buffer) => (this.stderr = `${this.stderr}${chunk.toString()}`.slice(-4096)));
    framesOf(this.child.stdout as Readable, this.start.tag, (frame) => this.take(frame));
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

  public async request(method: Method, params: Params, onProgress?: (percent: number) => void): Promise<unknown> {
    await this.ready;
    this.session.children.stopped.throwIfAborted();
    const id = this.next++;
    const operation = commandOf(method, params);
    return new Promise((resolve, reject) => {
      const seconds = limitOf(method);
      const late = (): void => this.fail(new TimeLimitError(operation, seconds as number, this.where));
      const timer = seconds === undefined ? undefined : setTimeout(late, seconds * 1000);
      this.pending.set(id, { operation, method, params, resolve, reject, onProgress, timer });
      this.child.stdin?.write(`${JSON.stringify({ id, method, params })}\n`);
    });
  }

  /** Lets the worker end: what must not be interrupted finishes first, and every lock is released. */
  public async close(): Promise<void> {
    this.closing = true;
    this.child.stdin?.end();
    const atomic = [...this.pending.values()].some(({ method }) => ATOMIC.includes(method));
    const seconds = this.locks.size > 0 ? END_LIMIT_LOCKED : END_LIMIT;
    const timer = atomic ? undefined : setTimeout(() => this.session.children.end(this.child), seconds * 1000);
    await this.ended;
    clearTimeout(timer);
  }

  /** The script has to end: only what must not be interrupted is still waited for. */
  private readonly stop = (): void => {
    const reason = this.session.children.stopped.reason as Error;
    this.settle?.reject(reason);
    for (const [id, one] of this.pending) {
      if (ATOMIC.includes(one.method)) this.session.say(`'${one.operation}' has begun, and is let come to its end`);
      else this.settleRequest(id)?.reject(reason);
    }
    void this.close();
  };

  private take(frame: Frame): void {
    const { transport } = this.cluster;
    if (frame.fed) this.within(CONNECT_LIMIT, () => silentConnection(CONNECT_LIMIT, this.where));
    if (frame.noInput) this.fail(noInput(transport));
    if (frame.missing) this.fail(missingModules(frame.missing, frame.python ?? 'python3', transport));
    // Its libraries print to another pipe, and the worker ends by itself.
    if (frame.refused) {
      this.refusal = frame.refused;
      this.within(END_LIMIT, () => this.connectionFault());
    }
    if (frame.ready) {
      clearTimeout(this.limit);
      this.settle?.resolve();
    }
    if (frame.lost) this.lost(frame.lost.lock, new CephError({ operation: 'rados lock get', ...frame.lost }));
    if (frame.id === undefined) return;
    if (frame.progress !== undefined) return this.pending.get(frame.id)?.onProgress?.(frame.progress);
    const one = this.settleRequest(frame.id);
    if (one === undefined) return;
    if (frame.error) return one.reject(new CephError({ ...frame.error, operation: one.operation, where: this.where }));
    this.noteLock(one, frame.result);
    if (this.session.children.stopped.aborted) return one.reject(this.session.children.stopped.reason);
    one.resolve(frame.result ?? undefined);
  }

  private noteLock({ method, params }: Pending, result: unknown): void {
    const { lock } = (result ?? {}) as { readonly lock?: string };
    const image = `'${[params['pool'], params['image']].join('/')}'`;
    if (method === 'takeLock' && lock !== undefined) this.locks.set(lock, image);
    if (method === 'giveLock') this.locks.delete(params['lock'] as string);
  }

  private settleRequest(id: number): Pending | undefined {
    const one = this.pending.get(id);
    clearTimeout(one?.timer);
    this.pending.delete(id);
    return one;
  }

  private within(seconds: number, fault: () => Error): void {
    clearTimeout(this.limit);
    this.limit = setTimeout(() => this.fail(fault()), seconds * 1000);
  }

  /** Rejects all pending requests with the reason, and ends the worker. */
  private fail(reason: unknown): void {
    this.closing = true;
    clearTimeout(this.limit);
    this.settle?.reject(reason);
    for (const id of [...this.pending.keys()]) this.settleRequest(id)?.reject(reason);
    this.child.stdin?.end();
    this.session.children.end(this.child);
  }

  private over(exitCode: number, code: string | undefined): void {
    const expected = this.closing;
    this.closing = true;
    const outcome = { exitCode, stdout: '', stderr: lastLines(this.stderr).join('\n') };
    const command = { argv: ['the Ceph worker'], transport: this.cluster.transport };
    const missing = missingTool({ ...command, argv: ['ceph'] }, outcome, code);
    const reason = missing ?? (this.refusal ? this.connectionFault() : new ToolError(command, outcome));
    clearTimeout(this.limit);
    this.settle?.reject(reason);
    for (const id of [...this.pending.keys()]) this.settleRequest(id)?.reject(reason);
    if (!expected) this.lost(undefined, reason);
  }

  private connectionFault(): CephError {
    return refused(this.refusal ?? { errno: 0, message: '' }, this.stderr, this.where);
  }

  /** Whoever waits for the lock may have it any moment: everything ends. With none named, all are lost. */
  private lost(lock: string | undefined, cause: Error): void {
    const images = [...this.locks].filter(([one]) => lock === undefined || one === lock).map(([, image]) => image);
    if (images.length === 0) return; // it has just been given back
    this.locks.clear();
    this.session.children.stopAll(new Stopped(`the lock on image ${images.join(' and ')} was lost`, 1, cause));
  }
}

/** The lines that begin with the tag, parsed. */
function framesOf(stream: Readable, tag: string, take: (frame: Frame) => void): void {
  let rest: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => {
    for (let at = chunk.indexOf(10); at >= 0; at = chunk.indexOf(10)) {
      const line = Buffer.concat([...rest, chunk.subarray(0, at)]).toString();
      if (line.startsWith(`${tag} `)) take(JSON.parse(line.slice(tag.length + 1)) as Frame);
      rest = [];
      chunk = chunk.subarray(at + 1);
    }
    if (chunk.length > 0) rest.push(chunk);
  });
}
