import { specAddress } from '../model';
import { stepsByHand } from '../steps/step';
import type { Result, Session } from './session';
import { select } from './stack-objects';

/** What an administrator would type for each object, in the order in which they are made. */
export async function runbook(session: Session, addresses: readonly string[]): Promise<Result> {
  const { applied } = await session.objects();
  const objects = select(applied, addresses).map(({ name, kind, title, steps, spec }) => ({
    address: specAddress(name),
    kind,
    title,
    steps: stepsByHand(steps.ensure)
      .map((step) => ({ step: step.name, lines: step.describe(spec) }))
      .filter(({ lines }) => lines.length > 0),
  }));
  const lines = objects.flatMap(({ address, title, steps }) => [
    `# ${title} (${address})`,
    ...steps.flatMap((step) => step.lines),
    '',
  ]);
  return { json: objects, lines: lines.slice(0, -1) };
}
