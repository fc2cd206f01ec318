import { randomUUID } from 'node:crypto';
import { type Readable, Transform, type TransformCallback } from 'node:stream';
import { finished } from 'node:stream/promises';
import { type Command, Refusal } from '../steps/tools';
import type { Child } from './children';
import { locationOf } from './location';
import { quote } from './quote';

/**
 * A remote command's output stands between two delimiters: a login shell, a motd, sudo or a container's entry point may
 * print before and after it, and none of that may get into a key, a mark or an image. Each run makes new delimiters, so
 * nothing else can look like them.
 */
const TAG = `cdktf-libvirt-ceph ${randomUUID()}`;
const BEGIN = `<${TAG}>`;
const END = `</${TAG}>`;

/** For `sh -c`: makes the delimiters from its first argument; the other arguments are the command. */
export const DELIMIT = `t=$1; shift; printf '<%s>' "$t"; "$@"; s=$?; printf '</%s>' "$t"; exit $s`;

/** The words of `DELIMIT`, then the command. */
export function delimitedWords(argv: readonly string[]): string[] {
  return ['sh', '-c', DELIMIT, 'sh', TAG, ...argv];
}

/** The same as one line for `sh -c`, with each word of the command in quotes. */
export function delimitedLine(argv: readonly string[]): string {
  return `printf '%s' '${BEGIN}'; ${argv.map(quote).join(' ')}; s=$?; printf '%s' '${END}'; exit $s`;
}

export function isDelimited({ transport }: Pick<Command, 'transport'>): boolean {
  return transport.type !== 'local';
}

/** What the command itself printed. Throws if it succeeded but the end of its output is missing. */
export function betweenDelimiters(command: Command, text: string, exitCode: number | undefined): string {
  if (!isDelimited(command)) return text;
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (exitCode === 0 && (from < 0 || to < from)) throw withoutEnd(command);
  const printed = from < 0 ? '' : text.slice(from + BEGIN.length, to < from ? undefined : to);
  return printed.replace(/\r?\n$/, '');
}

interface Output {
  readonly stream: Readable;
  /** Everything has passed through the stream. Throws if the command succeeded but the end of its output is missing. */
  whole(): Promise<void>;
}

/** A child's standard output as its command printed it; undefined if the child could not be started. */
export function outputOf(child: Child, command: Command): Output | undefined {
  if (!child.stdout) return undefined;
  if (!isDelimited(command)) return { stream: child.stdout, whole: () => Promise.resolve() };
  const content = new StripDelimiters();
  const ended = finished(content);
  ended.catch(() => undefined);
  return {
    stream: child.stdout.pipe(content),
    whole: async () => {
      await ended;
      if (!content.complete) throw withoutEnd(command);
    },
  };
}

/** Passes on what is between the delimiters, byte for byte and as soon as it arrives. */
export class StripDelimiters extends Transform {
  public complete = false;
  private begun = false;
  private rest: Buffer = Buffer.alloc(0);

  public override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    if (this.complete) return done();
    this.rest = Buffer.concat([this.rest, chunk]);
    if (!this.begun) this.begin();
    if (this.begun) this.pass();
    done();
  }

  public override _flush(done: TransformCallback): void {
    done(null, this.begun && !this.complete ? this.rest : undefined);
  }

  private begin(): void {
    const at = this.rest.indexOf(BEGIN);
    this.begun = at >= 0;
    this.rest = this.begun ? this.rest.subarray(at + BEGIN.length) : this.rest.subarray(1 - BEGIN.length);
  }

  private pass(): void {
    const at = this.rest.indexOf(END);
    this.complete = at >= 0;
    const last = this.rest.lastIndexOf('<');
    // Holds back what may be the start of the end delimiter.
    const maybe = last >= 0 && END.startsWith(this.rest.subarray(last).toString('latin1')) ? last : this.rest.length;
    const length = this.complete ? at : maybe;
    if (length > 0) this.push(this.rest.subarray(0, length));
    this.rest = this.rest.subarray(length);
  }
}

function withoutEnd({ argv, transport }: Command): Refusal {
  return new Refusal(
    `the output of '${argv[0] ?? ''}' ${locationOf(transport)} is incomplete, although the command succeeded`,
    'commands must be run there by a POSIX shell, with all of their standard output passed on',
    'output-not-whole',
  );
}
