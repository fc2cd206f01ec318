import type { IConstruct } from 'constructs';
import { type Kind, RUN_VARIABLE } from '../model';
import { scriptProvisioner } from './script-provisioner';

/**
 * Shell: removes the note that the object's script left in this apply (lib/exec/completion-note.ts). Starting Node.js
 * to read it would cost as much as looking at the object.
 */
const NOTE_TAKEN = `rm "$\${TF_DATA_DIR:-.terraform}/cdktf-libvirt-ceph-$${RUN_VARIABLE}.done" 2>/dev/null`;

/** What the confirmation of a spec needs. */
export interface ConfirmationProps {
  readonly kind: Kind;
  /** "terraform_data.web1_spec" */
  readonly specAddress: string;
  /** A Terraform expression: the object's spec. */
  readonly spec: string;
  /** The ids of other registry entries, as expressions: another one runs `ensure` again. */
  readonly entryIds: readonly string[];
}

/**
 * Comes after a spec, and is what others depend on. Terraform (1.11) writes its whole state whenever a resource is
 * done, and records those whose provisioners still run as done: after a `kill -9` the state may contain a spec whose
 * object was never made. Its confirmation is then missing, so the next apply runs `ensure` once more, before anything
 * that needs the object. If the script of `ensure` ended in the same apply, the confirmation does nothing.
 * Not a construct, because each construct makes synth slower.
 */
export function confirmation(scope: IConstruct, { kind, specAddress, spec, entryIds }: ConfirmationProps): object {
  const id = `\${${specAddress}.id}`;
  return {
    triggers_replace: { object: [id, ...entryIds].join(' ') },
    provisioner: [scriptProvisioner(scope, kind, 'complete', spec, { [RUN_VARIABLE]: id }, NOTE_TAKEN)],
    depends_on: [specAddress],
  };
}
