import type { CephSecretRemoval } from '../../model';
import { virsh } from '../commands';
import { mayRemove } from '../ownership/mark';
import { leftAlone } from '../ownership/refusal';
import { differs, fine, type Judgement, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { releaseByHand, removalByHand } from './runbook-lines';
import { titleOf } from './ownership';
import { releasedXml } from './secret';
import type { LeavingSecretWorld } from './lookup';

/** RETAIN, for an adopted secret: it stays with its value, and its mark says that anyone may adopt it. */
export const release: Step<CephSecretRemoval, LeavingSecretWorld> = {
  name: 'release it',
  describe: releaseByHand,
  judge(removal, world) {
    if (removal.removalPolicy !== 'retain') return OK;
    return notOurs(removal, world) ?? differs('it is kept, and no longer managed');
  },
  async act(removal, { found }, tools) {
    if (found?.mark === undefined) return;
    const input = releasedXml(removal.usage, found, found.mark);
    await tools.run(virsh(removal.host, 'secret-define', '/dev/stdin'), { input });
  },
};

/** Removes our secret; refused while a VM or a storage pool of the host needs it. */
export const remove: Step<CephSecretRemoval, LeavingSecretWorld> = {
  name: 'undefine it',
  describe: removalByHand,

  judge(spec, world) {
    if (spec.removalPolicy === 'retain') return OK;
    const other = notOurs(spec, world);
    if (other !== undefined) return other;
    if (world.users.length === 0) return differs('it still exists');
    throw new Refusal(
      `secret '${spec.usage}' is used by ${world.users.join(', ')}`,
      'remove these first, or give them another secret, then apply again',
      'secret-in-use',
    );
  },

  async act({ host }, { found }, tools) {
    if (found) await tools.run(virsh(host, 'secret-undefine', found.uuid));
  },
};

/** Undefined: it is ours. */
function notOurs(removal: CephSecretRemoval, { found }: LeavingSecretWorld): Judgement | undefined {
  if (found === undefined) return OK;
  if (mayRemove(found.mark, removal, removal.usage)) return undefined;
  return fine(leftAlone(titleOf(removal)));
}
