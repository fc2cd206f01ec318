import { KINDS, RUN_VARIABLE, SPEC_VARIABLE, SPEC_VERSION, VERBS, type Kind, type Verb } from '../model';
import { takeNote } from './completion-note';

/** A run with nothing to do loads nothing: every object of an apply starts this script once. */
async function main(): Promise<number> {
  const [kind = '', verb = ''] = process.argv.slice(2);
  const text = process.env[SPEC_VARIABLE];
  const run = process.env[RUN_VARIABLE];
  // The commands that we run do not need these variables.
  delete process.env[SPEC_VARIABLE];
  delete process.env[RUN_VARIABLE];
  try {
    if (!(KINDS as readonly string[]).includes(kind) || !(VERBS as readonly string[]).includes(verb))
      throw new Error(`'${kind} ${verb}' is not a kind and a verb of this script`);
    const json = readSpec(text);
    if (json === undefined) {
      console.log(`${kind}: the registry entry holds no spec, as after an import; nothing to do`);
      return 0;
    }
    if (verb === 'complete' && takeNote(run)) return 0;
    const { runVerb } = await import('./verbs.js');
    return await runVerb(kind as Kind, verb as Verb, json, run);
  } catch (error) {
    const { errorLine } = await import('./messages.js');
    process.stderr.write(`${errorLine(kind || 'cdktf-libvirt-ceph', undefined, error)}\n`);
    return 1;
  }
}

/** Undefined if Terraform passed nothing: an imported entry has no input. */
function readSpec(text: string | undefined): unknown {
  if (text === undefined) throw new Error(`the environment variable ${SPEC_VARIABLE} is missing`);
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new Error(`the environment variable ${SPEC_VARIABLE} is not JSON`);
  }
  if (json === null || typeof json !== 'object' || !Object.keys(json).some((key) => key !== 'entryId'))
    return undefined;
  const version = (json as { v?: unknown }).v;
  if (version !== SPEC_VERSION) {
    const next = 'apply with the release of cdktf-libvirt-ceph that synthesized the stack';
    throw new Error(`the spec has version ${JSON.stringify(version)}, this script reads ${SPEC_VERSION}; ${next}`);
  }
  return json;
}

// Their reader may be gone.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
void main().then((code) => {
  process.exitCode = code;
  // Streams that a command left open must not keep the script, and with it the apply, waiting.
  setTimeout(() => process.exit(code), 1000).unref();
});
