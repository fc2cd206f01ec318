import { type Kind, type RbdImageSpec, specAddress } from '../model';
import { comment } from '../steps/runbook-lines';
import { existingPath } from '../steps/rbd-image/source-file';
import { stepsByHand } from '../steps/step';
import { scriptOf } from './runbook-script';
import type { Result, Session } from './command-session';
import { select } from './stack-objects';

/** What an administrator would type for one object, step by step. */
export interface ByHand {
  readonly address: string;
  readonly kind: Kind;
  readonly title: string;
  readonly steps: readonly { readonly step: string; readonly lines: readonly string[] }[];
}

const ABOUT = [
  'What an administrator would type to create the objects of a stack. Run it with bash, where Terraform runs.',
  'It ends at the first command that fails and at the first object that already exists: nothing is overwritten.',
  'A cephx key goes from Ceph to libvirt through a pipe, and none of the lines contains it.',
];

/** What an administrator would type for each object, in the order in which they are made. */
export async function runbook({ stack, ...session }: Session, addresses: readonly string[]): Promise<Result> {
  const { applied, missing } = await session.objects();
  const chosen = select(applied, addresses);
  const objects = chosen.map(({ name, kind, title, steps, spec }) => ({
    address: specAddress(name),
    kind,
    title,
    steps: described(
      stepsByHand(steps.ensure),
      kind === 'rbd-image' ? found(spec as RbdImageSpec, stack.folder) : spec,
    ),
  }));
  const left = addresses.length > 0 ? [] : missing;
  return {
    json: objects,
    lines: scriptOf(
      { about: [...ABOUT, ...left.map(neverApplied)], places: chosen.map(({ spec }) => spec) },
      linesOf(objects),
    ),
  };
}

/**
 * The ids in the marks are those of the state's entries: an object without an entry cannot be made by hand as an apply
 * would.
 */
function neverApplied({ name }: { readonly name: string }): string {
  return `Left out, because it was never applied: ${specAddress(name)}`;
}

/** The file where an apply would look for it, wherever the runbook is run. */
function found<S extends RbdImageSpec>(spec: S, folder: string): S {
  const { file } = spec.source;
  const path = file === undefined ? undefined : existingPath(file, folder);
  return path === undefined ? spec : { ...spec, source: { ...spec.source, file: path } };
}

interface Described<S> {
  readonly name: string;
  describe(spec: S): readonly string[];
}

/** The lines of each step that has any. */
export function described<S>(steps: readonly Described<S>[], spec: S): ByHand['steps'] {
  return steps.map((step) => ({ step: step.name, lines: step.describe(spec) })).filter(({ lines }) => lines.length > 0);
}

/** The lines of all objects, each below its title. */
export function linesOf(objects: readonly ByHand[]): string[] {
  return objects
    .flatMap(({ address, title, steps }) => [
      comment(`${title} (${address})`),
      ...steps.flatMap((step) => step.lines),
      '',
    ])
    .slice(0, -1);
}
