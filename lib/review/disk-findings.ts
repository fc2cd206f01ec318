import type { PlannedObject } from './objects';
import { reportedFields } from './spec-findings';
import { textOf } from './values';
import { type Finding, finding } from './verdicts';

/** What happens to a VM whose data disks' entries are removed or replaced. */
export function diskFindings({ disks, entry, spec, helpers, providers }: PlannedObject): Finding[] {
  if (entry?.change.actions.includes('delete')) return [];
  const isMadeAgain = [spec, ...helpers, ...providers].some((one) => one?.change.actions.includes('create'));
  const reported = spec === undefined ? [] : reportedFields(spec).map(({ path }) => path.join('.'));
  return disks.flatMap(({ index, change, action_reason: reason }) => {
    if (!change.actions.includes('delete') || reason === 'replace_because_tainted') return [];
    const target = textOf(String(index).replace(/^.*\//, '')) ?? 'a disk';
    if (change.actions.length > 1 && isMadeAgain)
      return [finding('OUTAGE', `its disk ${target} is detached and attached again`)];
    if (change.actions.length > 1)
      return [finding('OUTAGE', `its disk ${target} is detached, and not attached again before the VM is replaced`)];
    if (reported.includes(`disks.${target}`)) return [];
    return [finding('CHANGE', `its disk ${target} is detached; the image is judged separately`)];
  });
}
