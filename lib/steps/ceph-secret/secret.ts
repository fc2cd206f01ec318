import type { CephSecretSpec, HostSpec } from '../../model';
import { renderSecret } from '../../render/secret';
import { textAt } from '../../render/xml';
import { secretOfUsage } from '../libvirt';
import { type Mark, markFor, parseMark } from '../ownership/mark';
import type { Tools } from '../tools';

/**
 * The mark in the description. `keyId` is written once the value was set: the id of its key, blank for a client
 * that is not ours. A run that was killed before that sets the value again.
 */
export interface SecretMark extends Mark {
  readonly keyId?: string;
}

/** At the end of the description, after the sentence for people. */
const MARK = /\{.*\}$/s;

export interface FoundSecret {
  readonly uuid: string;
  readonly private: boolean;
  readonly ephemeral: boolean;
  readonly description: string;
  readonly mark: SecretMark | undefined;
}

/** The secret with a usage; `uuid` is the UUID that it has if we created it. */
export async function findSecret(
  { host, usage, uuid }: { readonly host: HostSpec; readonly usage: string; readonly uuid: string },
  tools: Tools,
): Promise<FoundSecret | undefined> {
  const tree = await secretOfUsage(host, usage, uuid, tools);
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
export function descriptionOf(spec: CephSecretSpec, keyId?: string): string {
  const mark: SecretMark = { ...markFor(spec, spec.usage), ...(keyId === undefined ? {} : { keyId }) };
  return `The key of ${spec.entity}, kept by cdktf-libvirt-ceph. ${JSON.stringify(mark)}`;
}

/** The XML of the existing secret, released: its mark contains no entry id. */
export function releasedXml(usage: string, found: FoundSecret, mark: SecretMark): string {
  const description = found.description.replace(MARK, () => JSON.stringify({ ...mark, entryId: '' }));
  return renderSecret({ uuid: found.uuid, usage, private: found.private, description });
}

/** The XML of the secret. An existing one keeps its UUID, because libvirt allows one secret per usage. */
export function secretXml(spec: CephSecretSpec, found: FoundSecret | undefined, keyId?: string): string {
  return renderSecret({ ...spec, uuid: found?.uuid ?? spec.uuid, description: descriptionOf(spec, keyId) });
}
