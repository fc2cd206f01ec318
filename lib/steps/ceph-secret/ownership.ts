import type { CephSecretSpec } from '../../model';
import { ownershipOf } from '../ownership/mark';
import { refuseOthers, takenBack } from '../ownership/refusal';
import type { Note } from '../step';
import { Refusal } from '../tools';
import type { FoundSecret } from './secret';

/** Throws if the existing secret belongs to somebody else. */
export function refuseForeign(spec: CephSecretSpec, { mark, uuid }: FoundSecret): void {
  const clear = `'virsh secret-undefine ${uuid}' clears the usage`;
  refuseOthers({
    ...{ title: titleOf(spec), mark, ownership: ownershipOf(mark, spec, spec.entryId, spec.usage) },
    adoption: { adopt: spec.adopt },
    whereHeld: `take it out there, or ${clear}`,
    whereUnheld: clear,
  });
  // Storage pools refer to a secret that is not adopted by the UUID that synth knows.
  if (uuid !== spec.uuid && !spec.adopt) {
    throw new Refusal(
      `${titleOf(spec)} was adopted and has the UUID ${uuid}, not ${spec.uuid}, which it has without 'adopt'`,
      `keep 'adopt: true', or ${clear}, so that it is made anew; what names it by UUID has to be changed then`,
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
