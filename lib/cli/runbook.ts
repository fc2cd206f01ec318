import { type Kind, specAddress } from '../model';
import { stepsByHand } from '../steps/step';
import type { Result, Session } from './session';
import { select } from './stack-objects';

/** What an administrator would type for one object, step by step. */
export interface ByHand {
  readonly address: string;
  readonly kind: Kind;
  readonly title: string;
  readonly steps: readonly { readonly step: string; readonly lines: readonly string[] }[];
}

/** What an administrator would type for each object, in the order in which they are made. */
export async function runbook(session: Session, addresses: readonly string[]): Promise<Result> {
  const { applied } = await session.objects();
  const objects = select(applied, addresses).map(({ name, kind, title, steps, spec }) => ({
    address: specAddress(name),
    kind,
    title,
    steps: described(stepsByHand(steps.ensure), spec),
  }));
  return renderByHand(objects);
}

interface Described<S> {
  readonly name: string;
  describe(spec: S): readonly string[];
}

/** The lines of each step that has any. */
export function described<S>(steps: readonly Described<S>[], spec: S): ByHand['steps'] {
  return steps.map((step) => ({ step: step.name, lines: step.describe(spec) })).filter(({ lines }) => lines.length > 0);
}

export function renderByHand(objects: readonly ByHand[]): Result {
  const lines = objects.flatMap(({ address, title, steps }) => [
    `# ${title} (${address})`,
    ...steps.flatMap((step) => step.lines),
    '',
  ]);
  return { json: objects, lines: lines.slice(0, -1) };
}
