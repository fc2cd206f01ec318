import { type Kind, KINDS, type Removal } from '../model';
import { kindSteps } from '../steps/kinds';
import { type AnyKindSteps, stepsOf } from '../steps/step';
import { stateResources, type StateResource } from './ask-terraform';
import { described, linesOf } from './runbook';
import { scriptOf } from './runbook-script';
import type { Result, Session } from './command-session';
import { select, type StackObject } from './stack-objects';
import type { Synthesized } from './terraform-stack';

/** One entry of the state, as its removal would receive it. */
interface Entry {
  readonly address: string;
  readonly kind: Kind;
  readonly title: string;
  readonly removal: Removal;
  readonly steps: AnyKindSteps;
}

const ABOUT = [
  'What an administrator would type to remove the objects of a stack, each according to its removal policy. Run it with',
  'bash, where Terraform runs. It ends at the first command that fails and at the first object that is in use, not empty,',
  'or not marked by its entry; that object is not changed. Delete the lines of objects that no longer exist.',
];

/** What an administrator would type to remove each object according to its policy, in the order of a destroy. */
export async function undoRunbook(
  { stack, tools, ...session }: Session,
  addresses: readonly string[],
): Promise<Result> {
  const [{ applied }, resources] = await Promise.all([session.objects(), stateResources(stack, tools)]);
  const entries = undone(entriesIn(stack.synthesized, resources), applied, select(applied, addresses));
  const objects = entries.map(({ address, kind, title, removal, steps }) => ({
    address,
    kind,
    title,
    steps: described(stepsOf(steps.remove, removal), removal),
  }));
  const places = entries.map(({ removal }) => removal);
  return { json: objects, lines: scriptOf({ about: ABOUT, places }, linesOf(objects)) };
}

/** The entries of the chosen objects: a user is removed before what it uses. */
function undone(
  entries: readonly Entry[],
  applied: readonly StackObject[],
  chosen: readonly StackObject[],
): readonly Entry[] {
  const isOf = (entry: Entry) => (one: StackObject) => one.kind === entry.kind && one.title === entry.title;
  const wanted = entries.filter((entry) => chosen.some(isOf(entry)));
  const place = (entry: Entry): number => applied.findIndex(isOf(entry));
  return wanted.sort((a, b) => KINDS.indexOf(b.kind) - KINDS.indexOf(a.kind) || place(b) - place(a));
}

/** All entries of the state, except those of a registry that is gone from the code: their removals do not run. */
function entriesIn({ resource = {} }: Synthesized, resources: readonly StateResource[]): Entry[] {
  return resources.flatMap(({ address, type, name, values }) => {
    if (type !== 'terraform_data') return [];
    const command = resource['terraform_data']?.[name]?.provisioner?.[0]?.['local-exec'].command ?? '';
    const steps = kindSteps(/exec\.cjs (\S+) remove$/.exec(command)?.[1] ?? '');
    if (steps === undefined) return [];
    const removal = steps.parseRemoval({ ...(values['input'] as object), entryId: values['id'] });
    return [{ address, kind: steps.kind, title: steps.title(removal), removal, steps }];
  });
}
