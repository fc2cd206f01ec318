import { hostname } from 'node:os';
import {
  type ClusterSpec,
  type ObjectSpec,
  type Removal,
  RUN_VARIABLE,
  SPEC_VARIABLE,
  SPEC_VERSION,
  type Verb,
} from '../model';
import { assureCluster } from '../steps/ceph-monitors';
import { kindSteps } from '../steps/kinds';
import type { AnyKindSteps } from '../steps/step';
import { NoPool, type Tools } from '../steps/tools';
import { Children, Stopped } from './children';
import { noteFinished, takeNote } from './finished';
import { errorLine, oneLine } from './messages';
import { watchParent, watchSignals } from './parent';
import { holderText, type Progress, runSteps, verifySteps } from './run';
import { makeTools } from './tools';
import { nameMonitors } from './unreachable';

/** Exit code of `verify` when something differs. */
const DIFFERS = 2;
const VERBS: readonly string[] = ['ensure', 'confirm', 'remove', 'verify'] satisfies Verb[];

async function main(): Promise<number> {
  const [kindName = '', verb = ''] = process.argv.slice(2);
  const text = process.env[SPEC_VARIABLE];
  const run = process.env[RUN_VARIABLE];
  // The commands that we run have no use for them.
  delete process.env[SPEC_VARIABLE];
  delete process.env[RUN_VARIABLE];
  const progress: Progress = {};
  let title = kindName || 'cdktf-libvirt-ceph';
  try {
    const kind = kindSteps(kindName);
    if (!kind || !VERBS.includes(verb))
      throw new Error(`'${kindName} ${verb}' is not a kind and a verb of this script`);
    const json = readSpec(text);
    if (json === undefined) {
      console.log(`${title}: the registry entry holds no spec, as after an import; nothing to do`);
      return 0;
    }
    const spec = verb === 'remove' ? kind.parseRemoval(json) : kind.parseSpec(json);
    title = kind.title(spec);
    if (verb === 'confirm' && takeNote(run)) return 0;
    const code = await perform(kind, verb as Verb, spec, progress);
    if (verb === 'ensure' && code === 0) noteFinished(run);
    return code;
  } catch (error) {
    process.stderr.write(`${errorLine(title, progress.doing, error)}\n`);
    return error instanceof Stopped ? error.exitCode : 1;
  }
}

type Parsed = ObjectSpec | Removal;

async function perform(kind: AnyKindSteps, verb: Verb, spec: Parsed, progress: Progress): Promise<number> {
  const children = new Children();
  // A killed Terraform may have recorded a confirmation as done: nobody would make the object after it.
  watchParent(children, () => verb === 'confirm' && progress.locked === true);
  watchSignals(children);
  const title = kind.title(spec);
  const out = verb === 'verify' ? process.stderr : process.stdout;
  const tools = makeTools({
    children,
    holder: oneLine(holderText(spec, `${verb} ${title}`, `process ${process.pid} on ${hostname()}`)),
    say: (line) => void out.write(`${oneLine(line)}\n`),
  });
  try {
    return await runVerb(kind, verb, spec, tools, progress);
  } catch (error) {
    throw await nameMonitors(error, spec as { cluster?: ClusterSpec }, tools);
  } finally {
    await tools.close();
  }
}

async function runVerb(
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
    const steps = verb === 'remove' ? kind.remove : kind.ensure;
    await runSteps(kind, steps as never, spec, tools, progress);
  } catch (error) {
    // A stack that names a pool which never was must not be stuck with the entry.
    if (verb !== 'remove' || !(error instanceof NoPool)) throw error;
    const { cluster } = spec as { cluster?: ClusterSpec };
    if (cluster) await assureCluster(kind.title(spec), cluster, tools);
    tools.say(`${kind.title(spec)}: its pool is not there, so there is nothing to remove`);
  }
  return 0;
}

/** Undefined when Terraform had nothing to give: an entry that was imported has no input. */
function readSpec(text: string | undefined): unknown {
  if (text === undefined) throw new Error(`the variable ${SPEC_VARIABLE} of the environment is missing`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`the variable ${SPEC_VARIABLE} of the environment is not JSON`);
  }
  if (json === null || typeof json !== 'object' || !Object.keys(json).some((key) => key !== 'token')) return undefined;
  const version = (json as { v?: unknown }).v;
  if (version !== SPEC_VERSION) {
    const next = 'apply with the release of cdktf-libvirt-ceph that synthesized the stack';
    throw new Error(`the spec has version ${JSON.stringify(version)}, this script reads ${SPEC_VERSION}; ${next}`);
  }
  return json;
}

// Whoever read them may be dead.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
void main().then((code) => {
  process.exitCode = code;
  // What a command left open must not keep the script, and with it the apply, waiting.
  setTimeout(() => process.exit(code), 1000).unref();
});
