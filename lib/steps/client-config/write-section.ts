import type { ClientConfigSpec } from '../../model';
import { ownershipOf } from '../ownership/mark';
import { refuseOthers, takenBack } from '../ownership/refusal';
import { differs, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { sectionByHand } from './runbook-lines';
import { asBytes, writeConfig } from './file';
import type { ConfigWorld } from './lookup';
import { blockOf, hasOwnSection, joinFile, type SplitFile, titleOf } from './section';

/** The marked block is in the file as wanted. */
export const writeSection: Step<ClientConfigSpec, ConfigWorld> = {
  name: 'write its section',
  describe: sectionByHand,

  judge(spec, { file }) {
    refuseForeign(spec, file);
    if (file.block === undefined) return differs('it is missing');
    if (file.block.text === asBytes(blockOf(spec))) return OK;
    const { mark } = file.block;
    const ownership = ownershipOf(mark, spec, spec.entryId, spec.entity);
    return differs('its content differs', ...takenBack(titleOf(spec), { mark, ownership }));
  },

  async act(spec, { content, file }, tools) {
    await writeConfig(spec.host, spec.confFile, content, joinFile(file, asBytes(blockOf(spec))), tools);
    tools.say(
      `running VMs read it at their next start; QEMU must be allowed to write ${written(spec)}: with AppArmor in ` +
        `/etc/apparmor.d/local/abstractions/libvirt-qemu, with SELinux by a label that svirt_t may write`,
    );
  },
};

function refuseForeign(spec: ClientConfigSpec, file: SplitFile): void {
  const { entity, confFile } = spec;
  if (hasOwnSection(file, entity)) {
    throw new Refusal(
      `'${confFile}' has a section [${entity}] that this tool did not create`,
      'remove it from the file',
      'unmarked',
    );
  }
  const mark = file.block?.mark;
  if (mark === undefined) return;
  const ownership = ownershipOf(mark, spec, spec.entryId, entity);
  // A block that names another section is a copy, and is written again.
  if (ownership === 'unmarked') return;
  const clear = 'remove it there, or remove the marked block from the file';
  refuseOthers({ ...{ title: titleOf(spec), mark, ownership }, whereHeld: clear, whereUnheld: clear });
}

function written({ logFile, adminSocket }: ClientConfigSpec): string {
  return [logFile, adminSocket].filter((path) => path !== undefined).join(' and ');
}
