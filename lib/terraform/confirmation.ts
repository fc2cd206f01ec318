import type { IConstruct } from 'constructs';
import { type Kind, RUN_VARIABLE } from '../model';
import { scriptProvisioner } from './script';

/**
 * Shell: takes the note that the object's script has left in this apply (lib/exec/completion-note.ts). Starting node to see it
 * would cost as much as the object's own look.
 */
const NOTE_TAKEN = `rm "$\${TF_DATA_DIR:-.terraform}/cdktf-libvirt-ceph-$${RUN_VARIABLE}.done" 2>/dev/null`;

/** What an object's confirmation needs to know. */
export interface ConfirmationProps {
  readonly kind: Kind;
  /** "terraform_data.web1_spec" */
  readonly object: string;
  /** A Terraform expression: the object's spec. */
  readonly spec: string;
}

/**
 * Follows an object and is what others wait for. Terraform (1.11) writes its whole state whenever a resource is done, and
 * with it, as done, those whose provisioners still run: after a `kill -9` an object may stand in the state that was never
 * made. Its confirmation does not stand there then, so that the next apply runs `ensure` once more, before all that needs
 * the object. In an apply that saw the object's script end it does nothing. No construct of its own, as synth takes longer
 * by each.
 */
export function confirmation(scope: IConstruct, { kind, object, spec }: ConfirmationProps): object {
  const id = `\${${object}.id}`;
  return {
    triggers_replace: { object: id },
    provisioner: [scriptProvisioner(scope, kind, 'complete', spec, { [RUN_VARIABLE]: id }, NOTE_TAKEN)],
    depends_on: [object],
  };
}
