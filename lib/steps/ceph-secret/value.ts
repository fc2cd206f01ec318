import type { CephSecretSpec } from '../../model';
import { ceph, virsh } from '../commands';
import { alwaysAct, differs, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { valueByHand } from './runbook-lines';
import { refuseUnknown } from './definition';
import { type FoundSecret, secretXml } from './secret';
import { heldBy, currentKeyId, type SecretWorld } from './lookup';

/**
 * The secret holds the client's key. The key goes from Ceph to libvirt through one pipe; its id is recorded after that.
 */
export const value: Step<CephSecretSpec, SecretWorld> = {
  name: 'store the key in it',
  describe: valueByHand,

  judge(spec, { found, key, keyId, held }) {
    const known = found?.mark?.keyId;
    if (known === undefined) return differs(`the key of ${spec.entity} was not set`);
    if (known !== keyId) return differs(`it holds an older key of ${spec.entity}`);
    if (key === undefined) refuseUnknown(spec);
    if (found?.private) return alwaysAct('a private value cannot be read back');
    if (held === undefined) return differs('it has no value');
    return held === key ? OK : differs(`its value is not the key of ${spec.entity}`);
  },

  async act(spec, { found, key }, tools) {
    if (key === undefined) refuseUnknown(spec);
    if (found === undefined)
      throw new Refusal(`secret '${spec.usage}' has disappeared in the meantime`, 'apply again', 'vanished');
    const keyId = await currentKeyId(spec, tools); // Read before the key, so that a rotation in between is noticed the next time.
    // If the pipe were killed, part of the key would be recorded under the id of the whole key.
    if (found.mark?.keyId !== undefined) await define(spec, found, tools);
    await prove(spec, found, await pipeKey(spec, found, tools), tools);
    await define(spec, found, tools, keyId);
  },
};

/** Returns its SHA-256. */
function pipeKey({ cluster, entity, host }: CephSecretSpec, { uuid }: FoundSecret, tools: Tools): Promise<string> {
  const source = ceph(cluster, 'auth', 'get-key', entity, '--format', 'json');
  return tools.pipeKey(source, virsh(host, 'secret-set-value', uuid, '--file', '/dev/stdin'));
}

async function define(spec: CephSecretSpec, found: FoundSecret, tools: Tools, keyId?: string): Promise<void> {
  await tools.run(virsh(spec.host, 'secret-define', '/dev/stdin'), { input: secretXml(spec, found, keyId) });
}

/**
 * Checks that what was set (or, if readable, what the secret holds) is the key that Ceph has now: only then is it
 * recorded as set, and only that record counts.
 */
async function prove(spec: CephSecretSpec, found: FoundSecret, given: string, tools: Tools): Promise<void> {
  const held = found.private ? given : await heldBy(spec, found, tools);
  if (held !== undefined && held === (await tools.ceph(spec.cluster).keyDigest({ entity: spec.entity }))) return;
  throw new Refusal(
    `secret '${spec.usage}' does not hold the current key of ${spec.entity}`,
    'make sure that nothing else sets its value or makes a new key, then apply again',
    'secret-value',
  );
}
