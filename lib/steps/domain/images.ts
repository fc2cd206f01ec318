import type { DomainSpec } from '../../model';
import { rbd, typed } from '../commands';
import { OK, type Step } from '../step';
import { Refusal, ToolError } from '../tools';

/** Every image of the VM is there: QEMU's own error at a start names no image. */
export const images: Step<DomainSpec> = {
  name: 'look for its images',
  describe: ({ disks }) => Object.values(disks).map(({ image }) => typed('rbd', 'info', image)),
  observe: async ({ name, cluster, disks }, tools) => {
    for (const [target, { image }] of Object.entries(disks)) {
      const command = rbd(cluster, 'info', '--format', 'json', image);
      const outcome = await tools.attempt(command);
      if (outcome.exitCode === 2) {
        throw new Refusal(
          `disk ${target} of VM '${name}' needs image '${image}', which is missing`,
          `make it again ('rbd trash ls ${image.split('/')[0]}' shows whether it can be restored), then apply again`,
        );
      }
      if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
    }
    return OK;
  },
  act: () => Promise.resolve(),
};
