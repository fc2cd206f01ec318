import { type ClusterSpec, specAddress } from '../model';
import { type Progress, runSteps } from '../exec/run-steps';
import { codeOf, errorText } from '../exec/messages';
import { nameMonitors } from '../exec/unreachable-monitors';
import { Refusal } from '../steps/tools';
import type { Result, Session } from './command-session';
import { select, type StackObject } from './stack-objects';
import { terraformBinary } from './terraform-stack';
import { renderVerified, type Verified, verifyAll } from './verify';

/**
 * Fixing one object may reveal a difference in another (a new key, in the secrets with the old one), which is fixed in
 * turn.
 */
const ROUNDS = 3;

/**
 * Shows what differs, then runs `ensure` for it. Only the Terraform provider can fix what it makes: prints the command
 * for that.
 */
export async function repair(
  session: Session,
  addresses: readonly string[],
  { yes }: { readonly yes?: boolean },
): Promise<Result> {
  const objects = select((await session.objects()).applied, addresses);
  let verified = await verifyAll(objects, session.tools);
  let asked = false;
  for (let round = 0; round < ROUNDS; round++) {
    const broken = objects.filter((object) => differs(object, verified) && !isProviders(object));
    if (broken.length === 0) break;
    renderVerified(verified).forEach((line) => session.tools.say(line));
    if (!asked) await session.confirm(`${broken.map(({ title }) => title).join(', ')} would be fixed`, yes);
    asked = true;
    for (const object of broken) await mend(session, object);
    verified = await verifyAll(objects, session.tools);
  }
  const replace = objects.filter((object) => differs(object, verified) && isProviders(object));
  const lines = [...renderVerified(verified), ...(replace.length === 0 ? [] : [replaceLine(session, replace)])];
  const ok = verified.every((one) => one.ok);
  return {
    json: { ok, objects: verified, replace: replace.map(({ name }) => specAddress(name)) },
    lines,
    finding: !ok,
  };
}

async function mend({ tools }: Session, { steps, spec, title }: StackObject): Promise<void> {
  const progress: Progress = {};
  try {
    await runSteps(steps, steps.ensure, spec, tools, progress);
  } catch (error) {
    const named = await nameMonitors(error, spec as { cluster?: ClusterSpec }, tools);
    throw new Refusal(
      errorText(title, progress.doing, named),
      'objects that were fixed before it stay fixed',
      codeOf(named),
    );
  }
}

/** Its `ensure` would clear the way for a provider that does not run afterwards. */
function isProviders({ spec }: StackObject): boolean {
  return (spec as { readonly driver?: string }).driver === 'provider';
}

function differs(object: StackObject, verified: readonly Verified[]): boolean {
  return verified.some(({ address, ok, error }) => address === specAddress(object.name) && !ok && error === undefined);
}

function replaceLine({ stack }: Session, objects: readonly StackObject[]): string {
  const options = objects.map(({ name }) => `-replace=${specAddress(name)}`).join(' ');
  return `to fix what the provider manages: ${terraformBinary()} -chdir=${stack.folder} apply ${options}`;
}
