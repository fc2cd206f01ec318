import { parseSize } from '../model';
import { DISK_FIELDS, type Field, FIELDS, NIC_FIELDS, UNLISTED } from './effects';
import { changedFields, type FieldChange, textOf } from './fields';
import { type PlannedKind, type PlannedObject, valuesOf } from './objects';
import { type Finding, finding } from './verdict';

type Fields = { readonly [name: string]: unknown };

/** What a changed spec does to its object. */
export function specFindings({ kind, spec, providers }: PlannedObject): Finding[] {
  if (spec === undefined || !spec.change.actions.includes('delete') || !spec.change.actions.includes('create'))
    return [];
  const [before, after] = [fieldsOf(spec.change.before), fieldsOf(spec.change.after)];
  const changes = changedFields(spec, 'triggers_replace').filter(
    ({ path }) => path[0] !== 'entryId' && path[0] !== 'diskEntryIds',
  );
  const vm = kind === 'domain' ? vmOf(before, after) : undefined;
  const byProvider = providers.some(({ type }) => type === 'libvirt_domain');
  return changes.flatMap((change) => judged(kind, change, { before, after, vm, byProvider }));
}

interface Around {
  readonly before: Fields;
  readonly after: Fields;
  readonly vm: Vm | undefined;
  readonly byProvider: boolean;
}
interface Vm {
  readonly runs: boolean;
  readonly restarts: boolean;
  readonly timeout: string;
}

const fieldsOf = (value: unknown): Fields => valuesOf(valuesOf(value)['triggers_replace']);

function vmOf(before: Fields, after: Fields): Vm {
  const timeout = textOf(after['shutdownTimeout']) ?? textOf(before['shutdownTimeout']) ?? 'its shutdown timeout';
  return { runs: before['running'] !== false, restarts: after['restartPolicy'] === 'now', timeout };
}

function judged(kind: PlannedKind, change: FieldChange, around: Around): Finding[] {
  const [name = ''] = change.path;
  if (change.path.length === 0) {
    return [finding('UNKNOWN', 'what changes is known after the apply alone')];
  }
  const field = FIELDS[kind]?.[name] ?? UNLISTED;
  if (kind === 'domain') return domainField(change, field, around);
  if (kind === 'rbd-image' && name === 'size') return [imageSize(change)];
  const label = `\`${change.path.join('.')}\``;
  if (field.access) return [finding('ACCESS', `${label}: ${field.note ?? 'who reaches it changes'}`)];
  if (field.effect === 'read once') return [finding('CHANGE', `${label}: ${field.note ?? ''}`)];
  if (field.effect === 'nothing') return [finding('SAFE', `${label}: nothing that exists is touched`)];
  if (field.effect === 'another') return [finding('CHANGE', `${label}: another object is made`)];
  if (field.effect === 'next boot') return [finding('CHANGE', `${label}: VMs take it at their next boot`)];
  return [finding('CHANGE', `${label}: in place${field.note === undefined ? '' : `; ${field.note}`}`)];
}

function imageSize({ before, after, unknown }: FieldChange): Finding {
  const [was, is] = [sizeOf(before), sizeOf(after)];
  if (!unknown && was !== undefined && is !== undefined && is < was) {
    return finding('CHANGE', '`size` is smaller: the apply refuses that, and nothing is cut');
  }
  return finding('CHANGE', '`size`: it grows in place, and VMs that run see it; an image is never cut');
}

function sizeOf(value: unknown): number | undefined {
  try {
    return typeof value === 'string' ? parseSize(value) : undefined;
  } catch {
    return undefined;
  }
}

function domainField(change: FieldChange, field: Field, around: Around): Finding[] {
  const vm = around.vm as Vm;
  const label = `\`${change.path.join('.')}\``;
  const [name = ''] = change.path;
  if (name === 'tags' || name === 'driver') return [];
  if (name === 'running') return [power(change, label, vm)];
  if (name === 'autostart') return [finding('CHANGE', `${label}: in place`)];
  const tooMuch = beyond(change, around);
  const effect = tooMuch === undefined ? effectOf(change, field) : 'next boot';
  if (effect === 'nothing') return [finding('SAFE', `${label}: nothing that exists is touched`)];
  // With PROVIDER the replaced domain tells: see the provider's rules.
  if (around.byProvider) return [finding('CHANGE', `${label}: by the restart that PROVIDER makes of every change`)];
  if (!vm.runs) return [finding('CHANGE', `${label}: the VM is off, and has it when it starts`)];
  if (effect !== 'next boot') return [finding('CHANGE', `${label}: live, on the VM that runs`)];
  const why = tooMuch === undefined ? label : `${label} ${tooMuch}`;
  return vm.restarts
    ? [
        finding(
          'OUTAGE',
          `${why}: \`restartPolicy\` is now: the VM is shut down (switched off after ${vm.timeout}) and started`,
        ),
      ]
    : [finding('CHANGE', `${why}: waits for the VM's next boot; it runs on`)];
}

function power({ after, before }: FieldChange, label: string, { timeout }: Vm): Finding {
  if (after === false) return finding('OUTAGE', `${label}: the VM is shut down, switched off after ${timeout}`);
  return before === false
    ? finding('CHANGE', `${label}: the VM is started`)
    : finding('OUTAGE', `${label}: whether the VM runs is known after the apply alone`);
}

/** Why a live change is none: above a limit that the VM was started with, or lower than before. */
function beyond({ path, before, after, unknown }: FieldChange, around: Around): string | undefined {
  const [name] = path;
  if (name === 'vcpus') {
    if (unknown) return 'is not known yet';
    if (Number(after) < Number(before)) return 'is lowered';
    return Number(after) > Number(around.before['maxVcpus'] ?? before) ? 'above `maxVcpus`' : undefined;
  }
  if (name !== 'memory') return undefined;
  const [is, limit] = [sizeOf(after), sizeOf(around.before['maxMemory'] ?? before)];
  if (unknown || is === undefined || limit === undefined) return 'is not known yet';
  return is > limit ? 'above `maxMemory`' : undefined;
}

function effectOf({ path, before, after }: FieldChange, field: Field): Field['effect'] {
  const [list, key, name] = path;
  if (list === 'networkInterfaces') {
    if (key === undefined) return 'next boot';
    return name === undefined ? 'live' : (NIC_FIELDS[name] ?? UNLISTED).effect;
  }
  if (list !== 'disks') return field.effect;
  if (key === undefined) return 'next boot';
  if (name !== undefined) return (DISK_FIELDS[name] ?? UNLISTED).effect;
  // One that comes or goes: by the buses that QEMU plugs.
  const bus = valuesOf(before ?? after)['bus'];
  return bus === 'virtio' || bus === 'scsi' || bus === 'usb' ? 'live' : 'next boot';
}
