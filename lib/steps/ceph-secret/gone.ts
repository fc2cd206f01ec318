import type { CephSecretRemoval } from '../../model';
import { typed, virsh } from '../commands';
import { usersOfSecret } from '../libvirt';
import { mayRemove } from '../mark';
import { differs, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { findSecret, type FoundSecret, releasedXml } from './found';

/** RETAIN, for one that was adopted: it stays with its value, and its mark says that anybody may have it. */
export const release: Step<CephSecretRemoval> = {
  name: 'release it',
  describe: ({ usage, removalPolicy }) => (removalPolicy === 'retain' ? [`# secret '${usage}' stays`] : []),
  async observe(removal, tools) {
    if (removal.removalPolicy !== 'retain' || (await ours(removal, tools)) === undefined) return OK;
    return differs('it stays and is no longer managed');
  },
  async act(removal, tools) {
    const found = await ours(removal, tools);
    if (found?.mark === undefined) return;
    const input = releasedXml(removal.usage, found, found.mark);
    await tools.run(virsh(removal.host, 'secret-define', '/dev/stdin'), { input });
  },
};

/** The secret is gone, unless it is not ours; refused while a VM or a storage pool of the host needs it. */
export const gone: Step<CephSecretRemoval> = {
  name: 'undefine',
  describe: ({ uuid, removalPolicy }) => (removalPolicy === 'retain' ? [] : [typed('virsh', 'secret-undefine', uuid)]),

  async observe(removal, tools) {
    if (removal.removalPolicy === 'retain') return OK;
    const found = await ours(removal, tools);
    if (found === undefined) return OK;
    const users = await usersOfSecret(removal.host, removal.usage, found.uuid, tools);
    if (users.length === 0) return differs('it is still there');
    throw new Refusal(
      `secret '${removal.usage}' is named by ${users.join(', ')}`,
      'take these out first, or point them to another secret, then apply again',
    );
  },

  async act(removal, tools) {
    const found = await ours(removal, tools);
    if (found) await tools.run(virsh(removal.host, 'secret-undefine', found.uuid));
  },
};

async function ours(removal: CephSecretRemoval, tools: Tools): Promise<FoundSecret | undefined> {
  const found = await findSecret(removal.host, removal.usage, tools);
  if (found === undefined || mayRemove(found.mark, removal, removal.usage)) return found;
  tools.say(`secret '${removal.usage}' is not, or no longer, the one that this entry made: it stays`);
  return undefined;
}
