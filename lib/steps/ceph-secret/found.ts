import type { CephSecretSpec, HostSpec } from '../../model';
import { renderSecret } from '../../render/secret';
import { textAt } from '../../render/xml';
import { secretOfUsage } from '../libvirt';
import { type Mark, markFor, ownerText, parseMark, standing } from '../mark';
import { Refusal, type Tools } from '../tools';

/**
 * The mark in the description. `generation` is there once the value was set: the id of the key that it was, blank for a
 * client that is not ours. So a run that was killed before that sets the value again.
 */
export interface SecretMark extends Mark {
  readonly generation?: string;
}

/** At the end of the description, behind the sentence for people. */
const MARK = /\{.*\}$/s;

export interface FoundSecret {
  readonly uuid: string;
  readonly private: boolean;
  readonly ephemeral: boolean;
  readonly description: string;
  readonly mark: SecretMark | undefined;
}

export async function findSecret(host: HostSpec, usage: string, tools: Tools): Promise<FoundSecret | undefined> {
  const tree = await secretOfUsage(host, usage, tools);
  if (tree === undefined) return undefined;
  const description = textAt(tree, 'description') ?? '';
  return {
    uuid: textAt(tree, 'uuid') ?? '',
    private: tree.attributes['private'] === 'yes',
    ephemeral: tree.attributes['ephemeral'] === 'yes',
    description,
    mark: parseMark(MARK.exec(description)?.[0]),
  };
}

/** A sentence for people, then the mark. */
export function descriptionOf(spec: CephSecretSpec, generation?: string): string {
  const mark: SecretMark = { ...markFor(spec, spec.usage), ...(generation === undefined ? {} : { generation }) };
  return `The key of ${spec.entity}, kept by cdktf-libvirt-ceph. ${JSON.stringify(mark)}`;
}

/** The XML of the secret as it is, released: its mark holds no entry id. */
export function releasedXml(usage: string, found: FoundSecret, mark: SecretMark): string {
  const description = found.description.replace(MARK, () => JSON.stringify({ ...mark, entryId: '' }));
  return renderSecret({ uuid: found.uuid, usage, private: found.private, description });
}

/** The XML of the secret; one that is there keeps its uuid, as libvirt takes one secret of each usage. */
export function secretXml(spec: CephSecretSpec, found: FoundSecret | undefined, generation?: string): string {
  return renderSecret({ ...spec, uuid: found?.uuid ?? spec.uuid, description: descriptionOf(spec, generation) });
}

/** Throws where the secret that is there is not ours to change. Gives the entry id that it had when that was another one. */
export function checkOwnership(spec: CephSecretSpec, { mark, uuid }: FoundSecret): string | undefined {
  const stands = standing(mark, spec, spec.entryId, spec.usage);
  const clear = `'virsh secret-undefine ${uuid}' clears the usage`;
  if (stands === 'foreign') {
    const owner = mark ? ownerText(mark.owner) : 'someone else';
    throw new Refusal(`secret '${spec.usage}' belongs to ${owner}`, `take it out there, or ${clear}`);
  }
  if ((stands === 'unmarked' || stands === 'released') && !spec.adopt) {
    const whose = stands === 'released' ? 'was released by its owner' : 'is there and was not made by this tool';
    throw new Refusal(`secret '${spec.usage}' ${whose}`, `set 'adopt: true' to take it over, or ${clear}`);
  }
  // Storage pools name what is not adopted by the UUID that synth knows.
  if (uuid !== spec.uuid && !spec.adopt) {
    throw new Refusal(
      `secret '${spec.usage}' was adopted and has the UUID ${uuid}, not ${spec.uuid}, which it has without 'adopt'`,
      `keep 'adopt: true', or ${clear}, so that it is made anew; what names it by UUID has to be changed then`,
    );
  }
  return stands === 'ours-other-entry' ? mark?.entryId : undefined;
}
