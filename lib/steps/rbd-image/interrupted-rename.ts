import { differs, OK, type Step } from '../step';
import { type ImageRef, nameOf } from './rbd-command';
import type { ImageWorld } from './observed-image';

/**
 * Completes the rename of a new image to its final name. A killed run may leave an image with both names: it is whole,
 * so it is kept, and nothing else is done to it before it has one name.
 */
export function completeRename<S extends ImageRef, W extends Pick<ImageWorld, 'temporaryName'>>(): Step<S, W> {
  return {
    name: 'complete its rename',
    describe: () => [],
    judge: (_spec, { temporaryName }) =>
      temporaryName === undefined ? OK : differs(`its rename from '${temporaryName}' was interrupted`),
    async act(spec, { temporaryName }, tools) {
      if (temporaryName === undefined) return;
      await tools.ceph(spec.cluster).renameImage({ ...nameOf({ ...spec, name: temporaryName }), to: spec.name });
    },
  };
}
