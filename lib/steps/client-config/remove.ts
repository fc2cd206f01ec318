import type { ClientConfigRemoval } from '../../model';
import { mayRemove } from '../ownership/mark';
import { leftAlone } from '../ownership/refusal';
import { differs, fine, OK, type Step } from '../step';
import { removalByHand } from './runbook-lines';
import { writeConfig } from './file';
import type { ConfigWorld } from './lookup';
import { joinFile, titleOf } from './section';

/** Removes our block; all other lines of the file are kept. */
export const remove: Step<ClientConfigRemoval, ConfigWorld> = {
  name: 'remove its section',
  describe: removalByHand,

  judge(removal, { file: { block } }) {
    if (block === undefined) return OK;
    if (mayRemove(block.mark, removal, removal.entity)) return differs('it still exists');
    return fine(leftAlone(titleOf(removal)));
  },

  act: ({ host, confFile }, { content, file }, tools) =>
    writeConfig(host, confFile, content, joinFile(file, ''), tools),
};
