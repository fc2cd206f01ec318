import { inputOf, type PlannedObject } from './objects';
import { removalOf } from './verdict-of-removal';
import { textOf, valuesOf } from './values';
import { type Finding, finding } from './verdicts';

/** Removals whose destroy provisioner does not run, because the block is no longer in the configuration. */
const BLOCK_GONE = ['delete_because_no_resource_config', 'delete_because_no_module'];

/** What happens to an object whose registry entry is removed or made again. Undefined: neither. */
export function removalFindings(object: PlannedObject): Finding[] | undefined {
  const { kind, entry, helpers } = object;
  if (entry === undefined) return undefined;
  const { actions } = entry.change;
  if (actions.includes('forget')) {
    return [finding('ORPHAN', 'Terraform forgets it: it stays as it is, and no apply checks or removes it any more')];
  }
  if (!actions.includes('delete')) return undefined;
  if (actions[0] === 'create') {
    return [
      finding(
        'UNKNOWN',
        'the new one is created before the old one is removed, and in that order the removal is skipped',
      ),
    ];
  }
  // A tainted resource's destroy provisioner does not run (Terraform 1.11).
  if (actions.length > 1 && entry.action_reason === 'replace_because_tainted') return undefined;
  const input = inputOf(entry);
  const version = valuesOf(input)['v'];
  if (version !== 1) {
    return [
      finding(
        'UNKNOWN',
        `its removal is written in version ${textOf(String(version)) ?? 'none'}, which this release does not read`,
      ),
    ];
  }
  if (actions.length === 1 && BLOCK_GONE.includes(entry.action_reason ?? '')) {
    return [
      finding(
        'ORPHAN',
        'its whole registry is no longer in the code: the object stays as it is, and nothing manages it',
      ),
    ];
  }
  const again = actions.length > 1 ? ', and a new one is created' : '';
  return removalOf(kind, valuesOf(input), helpers).map((one) => ({
    ...one,
    reason: `${reasonOf(object)}${one.reason}${again}`,
  }));
}

/** Why, if it is not the whole stack that is destroyed. */
function reasonOf({ entry, to }: PlannedObject): string {
  if (entry?.deposed !== undefined) return 'left over from an interrupted apply: ';
  if (entry?.action_reason === 'replace_by_request') return 'asked for by -replace: ';
  if ((entry?.change.actions.length ?? 0) > 1) return 'its identity changes: ';
  if (to !== undefined) return `the code now says '${to.key}', which is another object: `;
  return entry?.action_reason === 'delete_because_each_key' ? 'no longer in the code: ' : '';
}

/** The command that restores an image. */
export function restoreLine({ kind, entry }: PlannedObject): string | undefined {
  const input = valuesOf(entry && inputOf(entry));
  if (kind !== 'rbd-image' || input['removalPolicy'] !== 'trash') return undefined;
  const pool = String(input['pool']);
  return `cdktf-libvirt-ceph trash list ${pool}, then: cdktf-libvirt-ceph trash restore ${pool}/ID`;
}
