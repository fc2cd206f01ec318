import { execa } from 'execa';
import { type Kind, SPEC_VARIABLE, type Verb } from '../../lib/model';
import { BUNDLE, completed } from './lab';
import { until } from './until';

/** A script that keeps running beside a test; its spec is completed like that of `runScript`. */
export class RunningScript {
  private heard = '';
  private over = false;
  private readonly end: Promise<{ readonly exitCode?: number }>;

  constructor(kind: Kind, verb: Verb, spec: object) {
    const options = {
      env: { [SPEC_VARIABLE]: JSON.stringify(completed(spec)) },
      all: true,
      reject: false,
      stdin: 'ignore',
    } as const;
    const child = execa(process.execPath, [BUNDLE, kind, verb], options);
    child.all.on('data', (chunk: Buffer) => (this.heard += chunk.toString()));
    this.end = child.finally(() => (this.over = true));
  }

  /** Waits until the script has printed that, while it is still running. */
  public async says(text: string): Promise<void> {
    await until(`it says '${text}'`, () => this.over || this.heard.includes(text));
    if (this.over) throw new Error(`it ended, and was to say '${text}' before:\n${this.heard}`);
  }

  /** Waits until it ends, which must be a success; returns what it said. */
  public async wellEnded(): Promise<string> {
    const { exitCode } = await this.end;
    if (exitCode !== 0) throw new Error(`it ended with ${String(exitCode)}:\n${this.heard}`);
    return this.heard;
  }
}
