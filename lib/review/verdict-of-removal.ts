import type { PlannedKind } from './objects';
import type { ResourceChange } from './plan';
import { durationOf, powerOff } from './values';
import { type Finding, finding } from './verdicts';

type Input = { readonly [name: string]: unknown };

/** What the removal of an object does, by its kind and the policy of the last apply. */
export function removalOf(kind: PlannedKind, input: Input, helpers: readonly ResourceChange[]): Finding[] {
  switch (kind) {
    case 'rbd-image':
      return [image(input)];
    case 'rbd-snapshot':
      return [byPolicy(input, finding('DATA LOSS', 'the snapshot is deleted for good (removal policy DELETE)'))];
    case 'ceph-pool':
      return [
        byPolicy(
          input,
          finding(
            'DATA LOSS',
            'the pool is deleted for good if it is empty (removal policy DELETE); otherwise the apply fails',
          ),
        ),
      ];
    case 'ceph-client':
      return [
        byPolicy(
          input,
          finding(
            'ACCESS',
            'the user and its key are deleted (removal policy DELETE); whatever uses it cannot connect any more',
          ),
        ),
      ];
    case 'ceph-secret':
      return [
        byPolicy(
          { removalPolicy: 'delete', ...input },
          finding('ACCESS', 'the secret is removed from its host; if a VM uses it, the apply fails instead'),
        ),
      ];
    case 'domain':
      return [domain(input, helpers)];
    case 'storage-pool':
      return [finding('CHANGE', 'the libvirt storage pool is removed from its host; it holds no data itself')];
    case 'client-config':
      return [finding('CHANGE', "the user's section is removed from the file")];
    case 'disk':
      return [finding('OUTAGE', 'the disk is detached from a VM that may run; its image is kept')];
    default:
      return [finding('UNKNOWN', 'no rule knows this kind')];
  }
}

function byPolicy(input: Input, deleted: Finding): Finding {
  if (input['removalPolicy'] === 'delete') return deleted;
  if (input['removalPolicy'] === 'retain') {
    return finding(
      'ORPHAN',
      'it leaves Terraform and stays as it is (removal policy RETAIN); if it returns to the code, it is taken back',
    );
  }
  return finding('UNKNOWN', 'this release does not know its removal policy');
}

function image(input: Input): Finding {
  if (input['removalPolicy'] !== 'trash') {
    return byPolicy(input, finding('DATA LOSS', 'the image and its data are deleted for good (removal policy DELETE)'));
  }
  const expiry = durationOf(input['trashExpiry']) ?? 'its expiry';
  return finding(
    'RECOVERABLE',
    `the image is moved to RBD's trash (removal policy TRASH) and kept there for at least ${expiry}`,
  );
}

function domain(input: Input, helpers: readonly ResourceChange[]): Finding {
  const states = helpers.some(({ name }) => name.endsWith('_domain_stops'))
    ? ', with everything that libvirt keeps of the VM on the host'
    : '';
  return finding(
    'OUTAGE',
    `the VM is shut down (${powerOff(input['shutdownTimeout'])}) and its definition is removed${states}; its images are judged separately`,
  );
}
