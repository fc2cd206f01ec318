import type { ObjectSpec, Removal } from '../model';
import { ownerText } from '../steps/mark';
import type { KindSteps, Step } from '../steps/step';
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

/** Runs every step of `ensure` or `remove` in turn, under the kind's lock. */
export async function runSteps<S extends ObjectSpec | Removal>(
  kind: Pick<KindSteps, 'title'> & { readonly lock: KindSteps['lock'] },
  steps: readonly Step<S>[],
  spec: S,
  tools: Tools,
  progress: Progress,
): Promise<void> {
  progress.doing = 'taking its lock';
  await tools.withLock(kind.lock(spec as never), async () => {
    progress.locked = true;
    for (const step of steps) {
      progress.doing = step.name;
      const seen = await step.observe(spec, tools);
      const why = seen.ok ? seen.ensureAnyway : seen.differs;
      if (why === undefined) continue;
      tools.say(`${kind.title(spec)}: ${why}: ${step.name}`);
      await step.act(spec, tools);
    }
    progress.doing = 'giving its lock back';
  });
}

/** Only looks: every step of `ensure` that finds something else than what is wanted. */
export async function verifySteps<S extends ObjectSpec>(
  steps: readonly Step<S>[],
  spec: S,
  tools: Tools,
  progress: Progress,
): Promise<readonly Difference[]> {
  const found: Difference[] = [];
  for (const step of steps) {
    progress.doing = step.name;
    try {
      const seen = await step.observe(spec, tools);
      if (!seen.ok) found.push({ step: step.name, differs: seen.differs });
    } catch (error) {
      // What stands in the way of `ensure` is a finding; so is a tool's failure at what an earlier step found missing.
      const finding = error instanceof Refusal || (error instanceof ToolError && found.length > 0);
      if (!finding) throw error;
      found.push({ step: step.name, differs: error.message });
    }
  }
  return found;
}

/** Who holds a lock, and for what. */
export function holderText(spec: ObjectSpec | Removal, what: string, process: string): string {
  return `${what} of ${ownerText(spec.owner)} (${process})`;
}
