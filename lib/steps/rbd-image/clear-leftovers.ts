import type { RbdImageSpec } from '../../model';
import type { Step } from '../step';
import { imageSpecOf } from './rbd-command';
import { clearScratch } from './scratch-folder';
import { judgeLeftovers, leftoverRefusal, removeLeftovers } from './interrupted-creation';
import type { ImageWorld } from './observed-image';

/**
 * Also for an existing image: the run that created it may have been killed before it removed an earlier run's
 * leftovers.
 */
export const clearLeftovers: Step<RbdImageSpec, ImageWorld> = {
  name: 'clean up after interrupted runs',
  describe: () => [],
  judge: (_spec, world) => judgeLeftovers(world.leftovers),
  async act(spec, _world, tools) {
    await clearScratch(spec);
    const left = await removeLeftovers(tools, spec);
    if (left.length === 0) return;
    // The next apply would plan nothing for an object that succeeded.
    const next = "once it has ended, or you end it there, 'cdktf-libvirt-ceph repair' removes that";
    tools.warn(`image '${imageSpecOf(spec)}' is complete, but ${leftoverRefusal(left, next).message}`);
  },
};
