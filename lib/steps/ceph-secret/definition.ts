import type { CephSecretSpec } from '../../model';
import { typed, virsh } from '../commands';
import { differs, OK, type Step } from '../step';
import type { Tools } from '../tools';
import { withKey } from './client-key';
import { checkOwnership, descriptionOf, findSecret, type FoundSecret, secretXml } from './found';

/** The secret is there with its mark. Whatever changes its definition also forgets which key it holds. */
export const definition: Step<CephSecretSpec> = {
  name: 'definition',
  describe: (spec) => [
    `virsh secret-define /dev/stdin <<'XML'`,
    ...secretXml(spec, undefined).trimEnd().split('\n'),
    'XML',
  ],

  async observe(spec, tools) {
    const found = await findSecret(spec.host, spec.usage, tools);
    if (found) checkOwnership(spec, found);
    const difference = found ? differenceOf(spec, found) : 'it is missing';
    if (difference === undefined) return OK;
    await withKey(spec, (source) => tools.keyDigest(source)); // nothing is made for a client that is not there
    return differs(difference);
  },

  async act(spec, tools) {
    const found = await findSecret(spec.host, spec.usage, tools);
    const oldEntryId = found && checkOwnership(spec, found);
    if (oldEntryId !== undefined) {
      tools.warn(`secret '${spec.usage}' was held by another entry of the same owner, '${oldEntryId}'; taking it back`);
    }
    if (found?.private && !spec.private) await undefineFirst(spec, found, tools);
    await tools.run(virsh(spec.host, 'secret-define', '/dev/stdin'), { input: secretXml(spec, found) });
  },
};

function differenceOf(spec: CephSecretSpec, found: FoundSecret): string | undefined {
  if (found.private !== spec.private) return found.private ? 'it is private' : 'it is not private';
  if (found.ephemeral) return 'it is ephemeral, so it is lost when libvirt restarts';
  if (found.mark === undefined) return 'it has no mark';
  const same = found.description === descriptionOf(spec, found.mark.generation);
  return same ? undefined : 'its description or mark is another one';
}

/** libvirt 9 refuses to make a private secret readable: "cannot change private flag on existing secret". */
async function undefineFirst(spec: CephSecretSpec, { uuid }: FoundSecret, tools: Tools): Promise<void> {
  tools.say(
    `${typed('virsh', 'secret-undefine', uuid)}: a private secret can only be made readable by making it again`,
  );
  await tools.run(virsh(spec.host, 'secret-undefine', uuid));
}
