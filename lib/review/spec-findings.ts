import { FIELDS } from './effects-of-fields';
import { type Effect, type Field, UNLISTED } from './effects';
import { changedFields, type FieldChange } from './changed-fields';
import type { PlannedKind, PlannedObject } from './objects';
import type { ResourceChange } from './plan';
import { repairFinding } from './repair-finding';
import { isElement } from './shown-values';
import { valuesOf } from './values';
import { type Finding, finding } from './verdicts';
import { sizeOf, vmFindings } from './vm-findings';

/** What a changed spec does to its object. */
export function specFindings({ kind, spec, providers, from }: PlannedObject): Finding[] {
  if (spec === undefined || !spec.change.actions.includes('delete') || !spec.change.actions.includes('create'))
    return [];
  const [before, after] = [spec.change.before, spec.change.after].map((one) =>
    valuesOf(valuesOf(one)['triggers_replace']),
  );
  const byProvider = providers.some(({ type }) => type === 'libvirt_domain');
  return [
    ...(kind === 'domain' && before?.['restartPolicy'] == null && after?.['restartPolicy'] != null
      ? [repairFinding(kind, spec.change.after, "its host's driver becomes VIRSH")]
      : []),
    ...reportedFields(spec).flatMap((change) => {
      if (change.path.length === 0) return [finding('UNKNOWN', 'what changes is only known at the apply')];
      const field = FIELDS[kind]?.[change.path[0] as string] ?? UNLISTED;
      if (kind === 'domain') {
        return vmFindings(change, {
          label: labelOf(change),
          field,
          before: before ?? {},
          after: after ?? {},
          byProvider,
        });
      }
      return [objectFinding(kind, change, field, from)];
    }),
  ];
}

/** Fields of a VM's spec that only one driver has: setting them is what a switch of the driver looks like. */
const OF_ONE_DRIVER = ['restartPolicy', 'shutdownTimeout'];

/** The changed fields of a spec that say something to a reader. */
export function reportedFields(spec: ResourceChange): readonly FieldChange[] {
  return changedFields(spec, 'triggers_replace').filter(({ path: [name = ''], before, after, unknown }) => {
    if (name === 'entryId' || name === 'tags') return false;
    return unknown || (before != null) === (after != null) || !OF_ONE_DRIVER.includes(name);
  });
}

/** What a field does by its effect, if the field has no note of its own. */
const REASONS: { readonly [E in Effect]?: string } = {
  nothing: 'has no effect now, only on later applies',
  'next boot': 'VMs use it from their next start',
  'in place': 'changes in place',
  live: 'changes in place',
};

function objectFinding(kind: PlannedKind, change: FieldChange, field: Field, from: PlannedObject | undefined): Finding {
  const label = labelOf(change);
  if (kind === 'rbd-image' && change.path[0] === 'size') return imageSize(change);
  if (field.access) return finding('ACCESS', `${label}: ${field.note ?? 'who can use it changes'}${lostCaps(change)}`);
  const reason = field.note ?? REASONS[field.effect] ?? '';
  if (field.effect === 'another') {
    const old = from === undefined ? 'the previous one' : `'${from.key}'`;
    return finding('CHANGE', `${label}: names another object, which is created; nothing is copied from ${old}`);
  }
  return finding(field.effect === 'nothing' ? 'SAFE' : 'CHANGE', `${label}: ${reason}`);
}

/** "; it loses all capabilities on osd". */
function lostCaps({ path, before, after, unknown }: FieldChange): string {
  if (path[0] !== 'caps' || unknown) return '';
  const lost = Object.keys(valuesOf(before)).filter((daemon) => (valuesOf(after)[daemon] ?? '') === '');
  return lost.length === 0 ? '' : `; it loses all capabilities on ${lost.join(' and ')}`;
}

/** One element of a VM's disks or interfaces is added or removed as a whole. */
function labelOf({ path, before, after, unknown }: FieldChange): string {
  const name = `\`${path.join('.')}\``;
  if (!isElement(path) || unknown) return name;
  if (after == null && path[0] === 'disks') return `${name} is removed, and its image judged separately`;
  return before == null ? `${name} is added` : after == null ? `${name} is removed` : name;
}

function imageSize({ before, after, unknown }: FieldChange): Finding {
  const [was, is] = [sizeOf(before), sizeOf(after)];
  if (!unknown && was !== undefined && is !== undefined && is < was) {
    return finding('CHANGE', '`size` is smaller: the apply refuses to shrink an image');
  }
  return finding(
    'CHANGE',
    '`size`: the image grows in place, and running VMs see it at once; its partitions and file systems stay as they are',
  );
}
