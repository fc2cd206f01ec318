import type { ObjectSpec, Removal } from '../model';
import { ownerText } from '../steps/ownership/mark';
import { about } from './messages';
import { type AnyKindSteps, type Judgement, type Step, type StepList, stepsOf } from '../steps/step';
import { Refusal, type Tools } from '../steps/tools';

/** One finding of `verify`. */
export interface Difference {
  readonly step: string;
  readonly differs: string;
}

/** What is being done, for messages: kept outside the run, because it is needed when the run has failed. */
export interface Progress {
  doing?: string;
  /** True while it holds the lock. */
  locked?: boolean;
}

/** What a failed or refused look is called. */
const LOOKING = 'look at it';

/** Runs every step of `ensure` or `remove` in turn, under the kind's lock; looks once, and again after each act. */
export async function runSteps<S extends ObjectSpec | Removal, W>(
  kind: Pick<AnyKindSteps, 'title'> & { readonly lock: AnyKindSteps['lock'] },
  steps: StepList<S, W>,
  spec: S,
  tools: Tools,
  progress: Progress,
): Promise<void> {
  progress.doing = 'take its lock';
  await tools.withLock(kind.lock(spec as never), async () => {
    progress.locked = true;
    const observation = new Observation(steps, spec, tools, progress);
    for (const step of stepsOf(steps, spec)) {
      const judged = await observation.judge(step);
      tell(judged, tools);
      const why = judged.ok ? judged.alwaysAct : judged.differs;
      if (why === undefined) continue;
      tools.say(`${about(kind.title(spec), why)}: ${step.name}`);
      progress.doing = step.name;
      await observation.act(step);
    }
    progress.doing = 'release its lock';
  });
}

/** Looks only once, and returns every step of `ensure` that finds a difference. */
export async function verifySteps<S extends ObjectSpec, W>(
  steps: StepList<S, W>,
  spec: S,
  tools: Tools,
  progress: Progress,
  observe: (spec: S, tools: Tools) => Promise<W> = (one) => steps.observe(one, tools),
): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  const observation = new Observation({ ...steps, observe }, spec, tools, progress);
  for (const step of stepsOf(steps, spec)) {
    try {
      const judged = await observation.judge(step);
      tell(judged, tools);
      if (!judged.ok) found.push({ step: step.name, differs: judged.differs });
    } catch (error) {
      // What blocks `ensure` is a finding.
      if (!(error instanceof Refusal)) throw error;
      found.push({ step: progress.doing ?? step.name, differs: error.message });
      // If the look itself was refused, no step can be judged.
      if (progress.doing === LOOKING) break;
    }
  }
  return found;
}

/** The world of one object: observed when a step first needs it, and again after an act. */
class Observation<S, W> {
  private seen: { readonly world: W } | undefined;

  constructor(
    private readonly steps: StepList<S, W>,
    private readonly spec: S,
    private readonly tools: Tools,
    private readonly progress: Progress,
  ) {}

  public async judge(step: Step<S, W>): Promise<Judgement> {
    const world = await this.world();
    this.progress.doing = step.name;
    return step.judge(this.spec, world);
  }

  public async act(step: Step<S, W>): Promise<void> {
    const world = await this.world();
    this.seen = undefined;
    const known = await step.act(this.spec, world, this.tools);
    if (known !== undefined) this.seen = { world: known };
  }

  private async world(): Promise<W> {
    if (this.seen !== undefined) return this.seen.world;
    this.progress.doing = LOOKING;
    this.seen = { world: await this.steps.observe(this.spec, this.tools) };
    return this.seen.world;
  }
}

function tell({ notes = [] }: Judgement, tools: Tools): void {
  for (const note of notes) 'warn' in note ? tools.warn(note.warn) : tools.say(note.say);
}

/** Who holds a lock, and for what. */
export function holderText(spec: ObjectSpec | Removal, what: string, process: string): string {
  return `${what} of ${ownerText(spec.owner)} (${process})`;
}
