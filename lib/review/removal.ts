import { inputOf, type PlannedObject, valuesOf } from './objects';
import { textOf } from './fields';
import type { ResourceChange } from './plan';
import { type Finding, finding } from './verdict';

/** Removals whose destroy provisioner does not run, because the block is no longer in the configuration. */
const BLOCK_GONE = ['delete_because_no_resource_config', 'delete_because_no_module'];

/** What happens to an object whose registry entry is removed or made again. Undefined: neither. */
export function removed({ kind, entry, helpers }: PlannedObject): Finding[] | undefined {
  if (entry === undefined) return undefined;
  const { actions } = entry.change;
  if (actions.includes('forget')) {
    return [finding('ORPHAN', 'Terraform forgets it: it stays as it is, and nothing removes or mends it any more')];
  }
  if (!actions.includes('delete')) return undefined;
  if (actions[0] === 'create') {
    return [finding('UNKNOWN', 'made anew before the old one goes, in which order its removal is skipped')];
  }
  // A tainted resource's destroy provisioner does not run (Terraform 1.11).
  if (actions.length > 1 && entry.action_reason === 'replace_because_tainted') return undefined;
  const input = inputOf(entry);
  const version = valuesOf(input)['v'];
  if (version !== 1) {
    return [
      finding(
        'UNKNOWN',
        `its removal is of another version (${textOf(String(version)) ?? 'none'}) than this release reads`,
      ),
    ];
  }
  if (actions.length === 1 && BLOCK_GONE.includes(entry.action_reason ?? '')) {
    return [
      finding('ORPHAN', 'the block of its registry is gone from the code: it stays as it is, and nobody manages it'),
    ];
  }
  const anew = actions.length > 1 ? ', and another one is created' : '';
  return byKind(kind, valuesOf(input), helpers).map((one) => ({
    ...one,
    reason: `${reasonOf(entry)}: ${one.reason}${anew}`,
  }));
}

function reasonOf({ action_reason: reason, change, deposed }: ResourceChange): string {
  if (deposed !== undefined) return 'left over from an interrupted apply';
  if (reason === 'replace_by_request') return 'asked for by -replace';
  if (change.actions.length > 1) return 'what it is known by changes';
  return reason === 'delete_because_each_key' ? 'it is no longer in the code' : 'it is destroyed';
}

type Input = { readonly [name: string]: unknown };

function byKind(kind: PlannedObject['kind'], input: Input, helpers: readonly ResourceChange[]): Finding[] {
  switch (kind) {
    case 'rbd-image':
      return [image(input)];
    case 'rbd-snapshot':
      return [byPolicy(input, finding('DATA LOSS', 'the snapshot is deleted'))];
    case 'ceph-pool':
      return [
        byPolicy(input, finding('DATA LOSS', 'the pool is deleted; where it holds anything, the apply fails instead')),
      ];
    case 'ceph-client':
      return [
        byPolicy(input, finding('ACCESS', 'the user and its key are deleted; what still connects by it loses access')),
      ];
    case 'ceph-secret':
      return [
        byPolicy(
          { removalPolicy: 'delete', ...input },
          finding('ACCESS', 'the secret is undefined on its host; the apply refuses that while a VM uses it'),
        ),
      ];
    case 'domain':
      return [domain(input, helpers)];
    case 'storage-pool':
      return [
        finding(
          'CHANGE',
          'the storage pool, a view of the Ceph pool, is undefined on its host; it holds no data itself',
        ),
      ];
    case 'client-config':
      return [finding('CHANGE', "the client's section is taken out of the file")];
    case 'disk':
      return [finding('OUTAGE', 'the disk is taken off a VM that may run; its image stays')];
    default:
      return [finding('UNKNOWN', 'no rule knows this kind')];
  }
}

function byPolicy(input: Input, deleted: Finding): Finding {
  if (input['removalPolicy'] === 'delete') return deleted;
  if (input['removalPolicy'] === 'retain') {
    return finding(
      'ORPHAN',
      'it stays as it is, and nobody manages it (removal policy RETAIN); the same project can take it back',
    );
  }
  return finding('UNKNOWN', 'its removal policy is none that this release knows');
}

function image(input: Input): Finding {
  if (input['removalPolicy'] !== 'trash') {
    return byPolicy(input, finding('DATA LOSS', 'the image and its data are deleted for good (removal policy DELETE)'));
  }
  const expiry = textOf(input['trashExpiry']) ?? 'its expiry';
  return finding(
    'RECOVERABLE',
    `the image goes to RBD's trash (removal policy TRASH), where it stays for at least ${expiry} after the apply`,
  );
}

function domain(input: Input, helpers: readonly ResourceChange[]): Finding {
  const timeout = textOf(input['shutdownTimeout']) ?? 'its shutdown timeout';
  const states = helpers.some(({ name }) => name.endsWith('_domain_stops'))
    ? ', with all that libvirt keeps of it on the host'
    : '';
  return finding(
    'OUTAGE',
    `the VM is shut down (switched off if it still runs after ${timeout}) and undefined${states}; each of its images has its own removal policy`,
  );
}

/** The command that restores an image. */
export function restoreLine({ kind, entry }: PlannedObject): string | undefined {
  const input = valuesOf(entry && inputOf(entry));
  if (kind !== 'rbd-image' || input['removalPolicy'] !== 'trash') return undefined;
  const pool = String(input['pool']);
  return `cdktf-libvirt-ceph trash list ${pool}, then: cdktf-libvirt-ceph trash restore ${pool}/ID`;
}
