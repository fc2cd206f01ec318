import { createHash } from 'node:crypto';
import { about, errorLine } from '../../lib/exec/messages';
import { type Progress, runSteps, verifySteps } from '../../lib/exec/run-steps';
import type { ObjectSpec, Removal } from '../../lib/model';
import type { KindSteps } from '../../lib/steps/step';
import { type Command, type Outcome, type RunOptions, ToolError, type Tools } from '../../lib/steps/tools';
import type { FakeCeph } from './fake-ceph';
import type { FakeHost } from './fake-host';
import { expectSaidOnce } from './said-once';

/** What a run said, and what stopped it. Fails if the output says anything twice. */
export interface Ran {
  readonly said: readonly string[];
  readonly failed?: string;
  /** The error as the script prints it. */
  readonly line?: string;
}

/**
 * The tools of a run with a cluster in memory, and a libvirt host if one is given; of other commands only those that
 * `answer` knows. `sleep` moves the clock.
 */
export class FakeRun {
  public readonly said: string[] = [];
  public answer: (command: Command) => string | Outcome = ({ argv }) => {
    throw new Error(`nothing answers '${argv.join(' ')}'`);
  };
  public onSleep: () => void = () => undefined;
  private now = Date.now();

  constructor(
    private readonly ceph: FakeCeph,
    private readonly host?: FakeHost,
  ) {}

  public get tools(): Tools {
    const attempt = (command: Command, options?: RunOptions): Promise<Outcome> =>
      Promise.resolve().then(() => {
        if (this.host && command.argv[0] === 'virsh') return this.host.answer(command, options);
        const answer = this.answer(command);
        return typeof answer === 'string' ? { exitCode: 0, stdout: answer, stderr: '' } : answer;
      });
    const run = async (command: Command, options?: RunOptions): Promise<string> => {
      const outcome = await attempt(command, options);
      if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
      return outcome.stdout;
    };
    return {
      ceph: () => this.ceph.client(),
      run,
      attempt,
      digest: async (command: Command) => sha256(await run(command)),
      pipeKey: async ({ argv }: Command, sink: Command) => {
        const input = this.ceph.clients.get(argv[argv.indexOf('get-key') + 1] ?? '')?.key ?? '';
        await run(sink, { input });
        return sha256(input);
      },
      withLock: <T>(_: unknown, work: () => Promise<T>) => work(),
      say: (line: string) => void this.said.push(line),
      warn: (line: string) => void this.said.push(`Warning: ${line}`),
      sleep: (seconds: number) => Promise.resolve(void (this.now += seconds * 1000)).then(this.onSleep),
    } as unknown as Tools;
  }

  public ensure<S extends ObjectSpec, R extends Removal, W, Q>(kind: KindSteps<S, R, W, Q>, spec: S): Promise<Ran> {
    return this.over(kind.title(spec), (progress) =>
      runSteps(kind as never, kind.ensure as never, spec, this.tools, progress),
    );
  }

  public remove<S extends ObjectSpec, R extends Removal, W, Q>(kind: KindSteps<S, R, W, Q>, spec: R): Promise<Ran> {
    return this.over(kind.title(spec), (progress) =>
      runSteps(kind as never, kind.remove as never, spec, this.tools, progress),
    );
  }

  /** How it differs. */
  public async verify<S extends ObjectSpec, R extends Removal, W, Q>(
    kind: KindSteps<S, R, W, Q>,
    spec: S,
  ): Promise<string[]> {
    const found = await verifySteps(kind.ensure as never, spec as never, this.tools, {});
    for (const { differs } of found) expectSaidOnce(about(kind.title(spec), differs));
    return found.map(({ differs }) => differs);
  }

  private async over(title: string, work: (progress: Progress) => Promise<void>): Promise<Ran> {
    const progress: Progress = {};
    const clock = jest.spyOn(Date, 'now').mockImplementation(() => this.now);
    this.said.length = 0;
    try {
      await work(progress);
      return { said: [...this.said] };
    } catch (error) {
      const line = errorLine(title, progress.doing, error);
      expectSaidOnce(line);
      return { said: [...this.said], failed: error instanceof Error ? error.message : String(error), line };
    } finally {
      this.said.forEach((line) => expectSaidOnce(line));
      clock.mockRestore();
    }
  }
}

function sha256(text: string): string {
  return createHash('sha256').update(text.trimEnd()).digest('hex');
}
