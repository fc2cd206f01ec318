import type { ClientConfigRemoval, ClientConfigSpec } from '../../model';
import { mayRemove, ownershipOf } from '../ownership/mark';
import { leftAlone, refuseOthers, takenBack } from '../ownership/refusal';
import { differs, fine, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { asBytes, readConfig, writeConfig } from './file';
import { blockOf, hasOwnSection, joinFile, type SplitFile, splitFile } from './section';

/** The configuration of a host, as one character a byte, and what of it is the client's. */
export interface ConfigWorld {
  readonly content: string;
  readonly file: SplitFile;
}

export async function observe(of: ClientConfigSpec | ClientConfigRemoval, tools: Tools): Promise<ConfigWorld> {
  const content = await readConfig(of.host, of.confFile, tools);
  return { content, file: splitFile(content, of.entity) };
}

/** The marked block is in the file as wanted. */
export const section: Step<ClientConfigSpec, ConfigWorld> = {
  name: 'section',
  describe: (spec) => [`cat >>${spec.confFile} <<'CONF'`, ...blockOf(spec).trimEnd().split('\n'), 'CONF'],

  judge(spec, { file }) {
    refuseForeign(spec, file);
    if (file.block === undefined) return differs('it is missing');
    if (file.block.text === asBytes(blockOf(spec))) return OK;
    const { mark } = file.block;
    const ownership = ownershipOf(mark, spec, spec.entryId, spec.entity);
    return differs('it has another content', ...takenBack(titleOf(spec), { mark, ownership }));
  },

  async act(spec, { content, file }, tools) {
    await writeConfig(spec.host, spec.confFile, content, joinFile(file, asBytes(blockOf(spec))), tools);
    tools.say(
      `VMs that run read it at their next start; QEMU must be let write ${written(spec)}: with AppArmor by ` +
        `/etc/apparmor.d/local/abstractions/libvirt-qemu, with SELinux by a label that svirt_t may write`,
    );
  },
};

/** The block is gone, unless it is not ours; the rest of the file stays as it is. */
export const gone: Step<ClientConfigRemoval, ConfigWorld> = {
  name: 'remove the section',
  describe: ({ entity, confFile }) => [`# take the block of [${entity}] out of ${confFile}`],

  judge(removal, { file: { block } }) {
    if (block === undefined) return OK;
    if (mayRemove(block.mark, removal, removal.entity)) return differs('it is still there');
    return fine(leftAlone(titleOf(removal)));
  },

  act: ({ host, confFile }, { content, file }, tools) =>
    writeConfig(host, confFile, content, joinFile(file, ''), tools),
};

function refuseForeign(spec: ClientConfigSpec, file: SplitFile): void {
  const { entity, confFile } = spec;
  if (hasOwnSection(file, entity)) {
    throw new Refusal(
      `'${confFile}' has a section [${entity}] that was not made by this tool`,
      'take it out of the file',
      'unmarked',
    );
  }
  const mark = file.block?.mark;
  if (mark === undefined) return;
  const ownership = ownershipOf(mark, spec, spec.entryId, entity);
  // A block that names another section was copied, and is written anew.
  if (ownership === 'unmarked') return;
  const clear = 'take it out there, or take the marked block out of the file';
  refuseOthers({ ...{ title: titleOf(spec), mark, ownership }, whereHeld: clear, whereUnheld: clear });
}

function titleOf({ entity, confFile }: ClientConfigSpec | ClientConfigRemoval): string {
  return `section [${entity}] of '${confFile}'`;
}

function written({ logFile, adminSocket }: ClientConfigSpec): string {
  return [logFile, adminSocket].filter((path) => path !== undefined).join(' and ');
}
