import type { ClientConfigRemoval, ClientConfigSpec } from '../../model';
import { mayRemove, ownerText, standing } from '../mark';
import { differs, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { asBytes, readConfig, writeConfig } from './file';
import { blockOf, hasOwnSection, joinFile, type SplitFile, splitFile } from './section';

/** The marked block is in the file as wanted. */
export const section: Step<ClientConfigSpec> = {
  name: 'section',
  describe: (spec) => [`cat >>${spec.confFile} <<'CONF'`, ...blockOf(spec).trimEnd().split('\n'), 'CONF'],

  async observe(spec, tools) {
    const file = splitFile(await readConfig(spec.host, spec.confFile, tools), spec.entity);
    refuseForeign(spec, file);
    if (file.block === undefined) return differs('it is missing');
    return file.block.text === asBytes(blockOf(spec)) ? OK : differs('it has another content');
  },

  async act(spec, tools) {
    const old = await readConfig(spec.host, spec.confFile, tools);
    const file = splitFile(old, spec.entity);
    refuseForeign(spec, file);
    const token = file.block?.mark.token;
    if (token !== undefined && token !== '' && token !== spec.registry) {
      tools.warn(
        `section '${spec.entity}' was held by another entry of the same owner, token '${token}'; taking it back`,
      );
    }
    await writeConfig(spec.host, spec.confFile, old, joinFile(file, asBytes(blockOf(spec))), tools);
    tools.say(
      `VMs that run read it at their next start; QEMU must be let write ${written(spec)}: with AppArmor by ` +
        `/etc/apparmor.d/local/abstractions/libvirt-qemu, with SELinux by a label that svirt_t may write`,
    );
  },
};

/** The block is gone, unless it is not ours; the rest of the file stays as it is. */
export const gone: Step<ClientConfigRemoval> = {
  name: 'remove the section',
  describe: ({ entity, confFile }) => [`# take the block of [${entity}] out of ${confFile}`],

  async observe(removal, tools) {
    const file = splitFile(await readConfig(removal.host, removal.confFile, tools), removal.entity);
    return isOurs(removal, file, tools) ? differs('it is still there') : OK;
  },

  async act(removal, tools) {
    const old = await readConfig(removal.host, removal.confFile, tools);
    const file = splitFile(old, removal.entity);
    if (isOurs(removal, file, tools)) await writeConfig(removal.host, removal.confFile, old, joinFile(file, ''), tools);
  },
};

function isOurs(removal: ClientConfigRemoval, { block }: SplitFile, tools: Tools): boolean {
  if (block === undefined || mayRemove(block.mark, removal, removal.entity)) return block !== undefined;
  tools.say(
    `section '${removal.entity}' of '${removal.confFile}' is not, or no longer, what this entry made: it stays`,
  );
  return false;
}

function refuseForeign(spec: ClientConfigSpec, file: SplitFile): void {
  const { entity, confFile } = spec;
  if (hasOwnSection(file, entity)) {
    throw new Refusal(
      `'${confFile}' has a section [${entity}] that was not made by this tool`,
      'take it out of the file',
    );
  }
  const mark = file.block?.mark;
  if (mark && ['foreign', 'released'].includes(standing(mark, spec, spec.registry, entity))) {
    throw new Refusal(
      `section [${entity}] of '${confFile}' belongs to ${ownerText(mark.owner)}`,
      'take it out there, or take the marked block out of the file',
    );
  }
}

function written({ logFile, adminSocket }: ClientConfigSpec): string {
  return [logFile, adminSocket].filter((path) => path !== undefined).join(' and ');
}
