import type { CephSecretSpec } from '../../model';
import { typed, virsh } from '../commands';
import { differs, type Observation, OK, okButEnsure, type Step } from '../step';
import { Refusal, ToolError, type Tools } from '../tools';
import { keyGeneration, withKey } from './client-key';
import { findSecret, type FoundSecret, secretXml } from './found';

/** The secret holds the client's key. It goes from Ceph to libvirt by one pipe; its id is written down after that. */
export const value: Step<CephSecretSpec> = {
  name: 'value',
  describe: (spec) => [
    `${typed('ceph', 'auth', 'get-key', spec.entity)} | ${typed('virsh', 'secret-set-value', spec.uuid, '--file', '/dev/stdin')}`,
  ],

  async observe(spec, tools) {
    const found = await findSecret(spec.host, spec.usage, tools);
    if (found?.mark?.generation === undefined) return differs(`the key of ${spec.entity} was not set`);
    if (found.mark.generation !== (await keyGeneration(spec, tools)))
      return differs(`it holds an older key of ${spec.entity}`);
    return found.private ? okButEnsure('a private value cannot be read back') : compare(spec, found, tools);
  },

  async act(spec, tools) {
    const found = await findSecret(spec.host, spec.usage, tools);
    if (found === undefined) throw new Refusal(`secret '${spec.usage}' has vanished meanwhile`, 'apply again');
    const generation = await keyGeneration(spec, tools); // before the key: a rotation in between is seen the next time
    // Killed in the pipe, it would leave a part of the key under the id of the whole.
    if (found.mark?.generation !== undefined) await define(spec, found, tools);
    const setValue = virsh(spec.host, 'secret-set-value', found.uuid, '--file', '/dev/stdin');
    const given = await withKey(spec, (source) => tools.pipeKey(source, setValue));
    await prove(spec, found, given, tools);
    await define(spec, found, tools, generation);
  },
};

async function define(spec: CephSecretSpec, found: FoundSecret, tools: Tools, generation?: string): Promise<void> {
  await tools.run(virsh(spec.host, 'secret-define', '/dev/stdin'), { input: secretXml(spec, found, generation) });
}

/**
 * What was given, or where it can be read back what is held, is the key that Ceph has now: only then it is noted as set, and
 * only by that note it counts.
 */
async function prove(
  spec: CephSecretSpec,
  { uuid, ...found }: FoundSecret,
  given: string,
  tools: Tools,
): Promise<void> {
  const held = found.private ? given : await tools.digest(virsh(spec.host, 'secret-get-value', uuid));
  if (held === (await withKey(spec, (source) => tools.keyDigest(source)))) return;
  throw new Refusal(
    `secret '${spec.usage}' holds something else than the key that ${spec.entity} has now`,
    'it does not count as set: apply again, once nobody else sets it or makes a new key',
  );
}

async function compare(spec: CephSecretSpec, { uuid }: FoundSecret, tools: Tools): Promise<Observation> {
  const wanted = await withKey(spec, (source) => tools.keyDigest(source));
  try {
    const held = await tools.digest(virsh(spec.host, 'secret-get-value', uuid));
    return held === wanted ? OK : differs(`its value is not the key of ${spec.entity}`);
  } catch (error) {
    if (error instanceof ToolError && error.outcome.stderr.includes('does not have a value'))
      return differs('it has no value');
    throw error;
  }
}
