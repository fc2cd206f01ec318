import { isCephError } from '../ceph';
import type { ObjectSpec, Removal } from '../model';
import { ownerText } from '../steps/mark';
import { about } from './messages';
import {
  isJudged,
  isList,
  type JudgedStep,
  type Judgement,
  type AnyKindSteps,
  type LookingStep,
  type Steps,
  stepsOf,
} from '../steps/step';
import { Refusal, ToolError, type Tools } from '../steps/tools';

/** One finding of `verify`. */
export interface Difference {
  readonly step: string;
  readonly differs: string;
}

/** What is being done, for messages: kept outside of the run, as it is wanted when the run has failed. */
export interface Progress {
  doing?: string;
  /** It holds its lock. */
  locked?: boolean;
}

/** What a look that failed, or refused, is called. */
const LOOKING = 'looking at it';

/** Runs every step of `ensure` or `remove` in turn, under the kind's lock; looks once, and again after each act. */
export async function runSteps<S extends ObjectSpec | Removal, W = unknown>(
  kind: Pick<AnyKindSteps, 'title'> & { readonly lock: AnyKindSteps['lock'] },
  steps: Steps<S, W>,
  spec: S,
  tools: Tools,
  progress: Progress,
): Promise<void> {
  progress.doing = 'taking its lock';
  await tools.withLock(kind.lock(spec as never), async () => {
    progress.locked = true;
    const eyes = new Eyes(steps, spec, tools, progress);
    for (const step of stepsOf(steps, spec)) {
      const judged = await eyes.judge(step);
      tell(judged, tools);
      const why = judged.ok ? judged.alwaysAct : judged.differs;
      if (why === undefined) continue;
      tools.say(`${about(kind.title(spec), why)}: ${step.name}`);
      progress.doing = step.name;
      await eyes.act(step);
    }
    progress.doing = 'giving its lock back';
  });
}

/** Only looks, once: every step of `ensure` that finds something else than what is wanted. */
export async function verifySteps<S extends ObjectSpec, W = unknown>(
  steps: Steps<S, W>,
  spec: S,
  tools: Tools,
  progress: Progress,
): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  const eyes = new Eyes(steps, spec, tools, progress);
  for (const step of stepsOf(steps, spec)) {
    try {
      const judged = await eyes.judge(step);
      tell(judged, tools);
      if (!judged.ok) found.push({ step: step.name, differs: judged.differs });
    } catch (error) {
      // What stands in the way of `ensure` is a finding; so is a tool's failure at what an earlier step found missing.
      const finding = error instanceof Refusal || (isOfTool(error) && found.length > 0);
      if (!finding) throw error;
      found.push({ step: progress.doing ?? step.name, differs: error.message });
      // All that is judged by the look is told by its refusal.
      if (progress.doing === LOOKING) break;
    }
  }
  return found;
}

/** Looks when a judgement first needs it, and anew once something was done. */
class Eyes<S, W> {
  private seen: { readonly world: W } | undefined;

  constructor(
    private readonly steps: Steps<S, W>,
    private readonly spec: S,
    private readonly tools: Tools,
    private readonly progress: Progress,
  ) {}

  public async judge(step: JudgedStep<S, W> | LookingStep<S>): Promise<Judgement> {
    const world = isJudged(step) ? await this.world() : undefined;
    this.progress.doing = step.name;
    return isJudged(step) ? step.judge(this.spec, world as W) : step.observe(this.spec, this.tools);
  }

  public async act(step: JudgedStep<S, W> | LookingStep<S>): Promise<void> {
    if (!isJudged(step)) {
      this.seen = undefined;
      return step.act(this.spec, this.tools);
    }
    const world = await this.world();
    this.seen = undefined;
    const known = await step.act(this.spec, world, this.tools);
    if (known !== undefined) this.seen = { world: known as W };
  }

  private async world(): Promise<W> {
    if (!isList(this.steps)) throw new Error('a list without a look holds a step that needs one');
    if (this.seen !== undefined) return this.seen.world;
    this.progress.doing = LOOKING;
    this.seen = { world: await this.steps.observe(this.spec, this.tools) };
    return this.seen.world;
  }
}

function isOfTool(error: unknown): error is Error {
  return error instanceof ToolError || isCephError(error);
}

function tell({ notes = [] }: Judgement, tools: Tools): void {
  for (const note of notes) 'warn' in note ? tools.warn(note.warn) : tools.say(note.say);
}

/** Who holds a lock, and for what. */
export function holderText(spec: ObjectSpec | Removal, what: string, process: string): string {
  return `${what} of ${ownerText(spec.owner)} (${process})`;
}
