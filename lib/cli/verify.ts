import { type ClusterSpec, type Kind, type ObjectSpec, specAddress } from '../model';
import { type Difference, type Progress, verifySteps } from '../exec/run-steps';
import { about, errorLine } from '../exec/messages';
import { Stopped } from '../exec/children';
import { nameMonitors } from '../exec/unreachable-monitors';
import type { Tools } from '../steps/tools';
import { askedOnce } from './asked-once';
import type { Result, Session } from './command-session';
import { fewAtOnce } from '../few-at-once';
import { type Objects, select, type StackObject } from './stack-objects';

/** Seconds between two checks of `--watch`. */
const WATCH_SECONDS = 5;

/** What `verify` says about one object. `error`: it could not be checked. */
export interface Verified {
  readonly address: string;
  readonly kind: string;
  readonly title: string;
  readonly ok: boolean;
  readonly differs: readonly Difference[];
  /** Not a difference, but good to know: what waits for a VM's next boot. */
  readonly notes: readonly string[];
  readonly error?: string;
}

/**
 * Checks every object and changes nothing; with `watch` repeatedly until all is as it should be, or that many seconds
 * have passed. Throws if no object could be checked.
 */
export async function verify(
  session: Session,
  addresses: readonly string[],
  { watch = 0 }: { readonly watch?: number } = {},
): Promise<Result> {
  const { tools } = session;
  const deadline = Date.now() + watch * 1000;
  let told = '';
  for (;;) {
    const result = await look(await session.look(), addresses, tools);
    if (!result.finding || Date.now() >= deadline) return result;
    if (result.lines.join() !== told) result.lines.forEach((line) => tools.say(line));
    told = result.lines.join();
    await tools.sleep(WATCH_SECONDS);
  }
}

async function look({ applied, missing }: Objects, addresses: readonly string[], tools: Tools): Promise<Result> {
  const names = select([...applied, ...missing], addresses).map(({ name }) => name);
  const verified = await verifyAll(
    applied.filter(({ name }) => names.includes(name)),
    tools,
  );
  const all = [...verified, ...missing.filter(({ name }) => names.includes(name)).map(neverApplied)];
  const ok = all.every((one) => one.ok);
  return { json: { ok, objects: all }, lines: renderVerified(all), finding: !ok };
}

/** Objects that are looked at in parallel. Most only ask the worker of their cluster, which answers at once. */
const AT_ONCE = 16;

export function verifyAll(objects: readonly StackObject[], tools: Tools): Promise<Verified[]> {
  const once = askedOnce(tools);
  const looks = looksOf(objects, once);
  return fewAtOnce(objects, (one) => verifyOne(one, once, looks.get(one.kind)), AT_ONCE);
}

type Look = (spec: ObjectSpec) => Promise<unknown>;

/** How the objects of a kind are looked at, if several are looked at together. */
function looksOf(objects: readonly StackObject[], tools: Tools): Map<Kind, Look | undefined> {
  const kinds = new Map(objects.map(({ kind, steps }) => [kind, steps.ensure]));
  const specs = (of: Kind): ObjectSpec[] => objects.filter(({ kind }) => kind === of).map(({ spec }) => spec);
  return new Map([...kinds].map(([kind, ensure]) => [kind, ensure.observeTogether?.(specs(kind), tools)]));
}

async function verifyOne(
  { name, kind, title, steps, spec }: StackObject,
  tools: Tools,
  look: Look | undefined,
): Promise<Verified> {
  const notes: string[] = [];
  const about = { address: specAddress(name), kind, title, notes };
  const progress: Progress = {};
  try {
    const noting = { ...tools, say: (line: string) => void notes.push(line) };
    const differs = await verifySteps(steps.ensure, spec, noting, progress, look);
    return { ...about, ok: differs.length === 0, differs };
  } catch (error) {
    if (error instanceof Stopped) throw error;
    // A host that is down must not hide the results for the others.
    const named = await nameMonitors(error, spec as { cluster?: ClusterSpec }, tools);
    return { ...about, ok: false, differs: [], error: errorLine(title, progress.doing, named) };
  }
}

function neverApplied({ name, kind }: { readonly name: string; readonly kind: string }): Verified {
  const differs = [{ step: 'apply', differs: 'it is in the configuration but not in the state: apply it' }];
  return { address: specAddress(name), kind, title: `${kind} '${name}'`, ok: false, differs, notes: [] };
}

export function renderVerified(all: readonly Verified[]): string[] {
  const lines = all.flatMap(({ address, title, differs, notes, error }) => [
    ...differs.map((one) => `${address}: ${about(title, one.differs)}`),
    ...notes.map((note) => `${address}: ${about(title, note)}`),
    ...(error === undefined ? [] : [`${address}: ${error}`]),
  ]);
  const count = all.filter(({ ok }) => !ok).length;
  return [...lines, count === 0 ? asTheyShouldBe(all.length) : `${counted(all.length)}, ${differing(count)}`];
}

function asTheyShouldBe(count: number): string {
  return `${counted(count)}, ${count === 1 ? 'as it should be' : 'all as they should be'}`;
}

function counted(count: number): string {
  return count === 1 ? '1 object' : `${count} objects`;
}

function differing(count: number): string {
  return count === 1 ? '1 differs' : `${count} differ`;
}
