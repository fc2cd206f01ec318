import { hostname } from 'node:os';
import type { ClusterSpec, Kind, ObjectSpec, Removal, Verb } from '../model';
import { assureCluster } from '../steps/ceph-monitors';
import type { AnyKindSteps, VerbSteps } from '../steps/step';
import { NoPool, type Tools } from '../steps/tools';
import { Children, Stopped } from './children';
import { noteFinished } from './completion-note';
import { loadKind } from './load-kind';
import { errorLine, oneLine } from './messages';
import { watchParent, watchSignals } from './stop-triggers';
import { holderText, type Progress, runSteps, verifySteps } from './run-steps';
import { makeTools } from './make-tools';
import { nameMonitors } from './unreachable-monitors';

/** Exit code of `verify` if something differs. */
const DIFFERS = 2;

/** Carries out a verb. Returns the exit code, and prints one line of error if it is not 0. */
export async function runVerb(name: Kind, verb: Verb, json: unknown, run: string | undefined): Promise<number> {
  const progress: Progress = {};
  let title: string = name;
  try {
    const kind = await loadKind(name);
    const spec = stepsOfVerb(kind, verb).parse(json);
    title = kind.title(spec);
    const code = await perform(kind, verb, spec, progress);
    if (verb === 'ensure' && code === 0) noteFinished(run);
    return code;
  } catch (error) {
    process.stderr.write(`${errorLine(title, progress.doing, error)}\n`);
    return error instanceof Stopped ? error.exitCode : 1;
  }
}

type Parsed = ObjectSpec | Removal;

function stepsOfVerb(kind: AnyKindSteps, verb: Verb): VerbSteps<Parsed, unknown> {
  if (verb === 'remove') return { ...kind.remove, parse: kind.parseRemoval };
  if (verb !== 'start' && verb !== 'stop') return { ...kind.ensure, parse: kind.parseSpec };
  const own: VerbSteps<Parsed, unknown> | undefined = kind[verb];
  if (own === undefined) throw new RangeError(`'${verb}' is not a verb of '${kind.kind}'`);
  return own;
}

/** A killed Terraform may have recorded the work of these verbs as done, and nothing would do it later. */
const OUTLIVES_TERRAFORM: readonly Verb[] = ['complete', 'start'];

async function perform(kind: AnyKindSteps, verb: Verb, spec: Parsed, progress: Progress): Promise<number> {
  const children = new Children();
  watchParent(children, () => OUTLIVES_TERRAFORM.includes(verb) && progress.locked === true);
  watchSignals(children);
  const title = kind.title(spec);
  const out = verb === 'verify' ? process.stderr : process.stdout;
  const tools = makeTools({
    children,
    holder: oneLine(holderText(spec, `${verb} ${title}`, `process ${process.pid} on ${hostname()}`)),
    say: (line) => void out.write(`${oneLine(line)}\n`),
  });
  try {
    return await runSpec(kind, verb, spec, tools, progress);
  } catch (error) {
    throw await nameMonitors(error, spec as { cluster?: ClusterSpec }, tools);
  } finally {
    await tools.close();
  }
}

async function runSpec(
  kind: AnyKindSteps,
  verb: Verb,
  spec: Parsed,
  tools: Tools,
  progress: Progress,
): Promise<number> {
  if (verb === 'verify') {
    const title = kind.title(spec);
    const differs = await verifySteps(kind.ensure, spec as never, tools, progress);
    process.stdout.write(`${JSON.stringify({ kind: kind.kind, title, ok: differs.length === 0, differs })}\n`);
    return differs.length === 0 ? 0 : DIFFERS;
  }
  try {
    await runSteps(kind, stepsOfVerb(kind, verb), spec, tools, progress);
  } catch (error) {
    // A stack that names a pool that never existed must not be stuck with the entry.
    if (verb !== 'remove' || !(error instanceof NoPool)) throw error;
    const { cluster } = spec as { cluster?: ClusterSpec };
    if (cluster) await assureCluster(kind.title(spec), cluster, tools);
    tools.say(`${kind.title(spec)}: its pool does not exist: nothing to remove`);
  }
  return 0;
}
