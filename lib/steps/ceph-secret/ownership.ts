import type { CephSecretSpec } from '../../model';
import { ownershipOf } from '../ownership/mark';
import { refuseOthers, takenBack } from '../ownership/refusal';
import type { Note } from '../step';
import { Refusal } from '../tools';
import type { FoundSecret } from './secret';

/** Throws if the existing secret belongs to another owner. */
export function refuseForeign(spec: CephSecretSpec, { mark, uuid }: FoundSecret): void {
  const clear = `'virsh secret-undefine ${uuid}' clears the usage`;
  refuseOthers({
    ...{ title: titleOf(spec), mark, ownership: ownershipOf(mark, spec, spec.entryId, spec.usage) },
    adoption: { adopt: spec.adopt },
    whereHeld: `remove it there, or ${clear}`,
    whereUnheld: clear,
  });
  // Storage pools refer to a secret that is not adopted by the UUID that synth knows.
  if (uuid !== spec.uuid && !spec.adopt) {
    throw new Refusal(
      `${titleOf(spec)} was adopted with the UUID ${uuid}; without 'adopt' it would have ${spec.uuid}`,
      `keep 'adopt: true', or ${clear} so that it is recreated, and then change whatever refers to it by UUID`,
      'secret-uuid',
    );
  }
}

export function notesOf(spec: CephSecretSpec, { mark }: FoundSecret): readonly Note[] {
  return takenBack(titleOf(spec), { mark, ownership: ownershipOf(mark, spec, spec.entryId, spec.usage) });
}

export function titleOf({ usage }: { readonly usage: string }): string {
  return `secret '${usage}'`;
}
