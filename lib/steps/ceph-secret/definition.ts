import type { CephSecretSpec } from '../../model';
import { commandText, virsh } from '../commands';
import { differs, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { definitionByHand } from './runbook-lines';
import { notesOf, refuseForeign } from './ownership';
import { descriptionOf, type FoundSecret, secretXml } from './secret';
import type { SecretWorld } from './lookup';

/**
 * Defines the secret with its mark. Every change of the definition also clears the record of which key the secret
 * holds.
 */
export const definition: Step<CephSecretSpec, SecretWorld> = {
  name: 'define it',
  describe: definitionByHand,

  judge(spec, { found, key }) {
    if (found) refuseForeign(spec, found);
    const difference = found ? differenceOf(spec, found) : 'it is missing';
    if (difference === undefined) return OK;
    if (key === undefined) refuseUnknown(spec);
    return differs(difference, ...(found ? notesOf(spec, found) : []));
  },

  async act(spec, { found }, tools) {
    if (found?.private && !spec.private) await undefineFirst(spec, found, tools);
    await tools.run(virsh(spec.host, 'secret-define', '/dev/stdin'), { input: secretXml(spec, found) });
  },
};

/** Nothing is created for a client that Ceph does not know. */
export function refuseUnknown({ usage, entity }: CephSecretSpec): never {
  throw new Refusal(
    `secret '${usage}' needs the key of '${entity}', which does not exist in Ceph`,
    `create that client first ('ceph auth get ${entity}' shows whether it exists)`,
    'client-missing',
  );
}

function differenceOf(spec: CephSecretSpec, found: FoundSecret): string | undefined {
  if (found.private !== spec.private) return found.private ? 'it is private' : 'it is not private';
  if (found.ephemeral) return 'it is ephemeral, so it is lost when libvirt restarts';
  if (found.mark === undefined) return 'it has no mark';
  const same = found.description === descriptionOf(spec, found.mark.keyId);
  return same ? undefined : 'its description or mark differs';
}

/** libvirt 9 refuses to make a private secret readable: "cannot change private flag on existing secret". */
async function undefineFirst(spec: CephSecretSpec, { uuid }: FoundSecret, tools: Tools): Promise<void> {
  tools.say(
    `${commandText('virsh', 'secret-undefine', uuid)}: a private secret can only be made readable by recreating it`,
  );
  await tools.run(virsh(spec.host, 'secret-undefine', uuid));
}
