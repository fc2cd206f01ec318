import type { CephSecretSpec } from '../../model';
import { ownerText, ownershipOf } from '../mark';
import type { Note } from '../step';
import { Refusal } from '../tools';
import type { FoundSecret } from './secret';

/** Throws where the secret that is there is not ours to change. */
export function refuseForeign(spec: CephSecretSpec, { mark, uuid }: FoundSecret): void {
  const stands = ownershipOf(mark, spec, spec.entryId, spec.usage);
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
}

/** A lost state file: its secret is taken back, and the entry id is told, by which a found state knows it. */
export function otherEntry(spec: CephSecretSpec, { mark }: FoundSecret): Note[] {
  if (ownershipOf(mark, spec, spec.entryId, spec.usage) !== 'ours-other-entry') return [];
  const text = `secret '${spec.usage}' was held by another entry of the same owner, '${mark?.entryId}'; taking it back`;
  return [{ warn: text }];
}
