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
    return [finding('UNKNOWN', 'what changes is only known at the apply')];
  }
  const field = FIELDS[kind]?.[name] ?? UNLISTED;
  if (kind === 'domain') return domainField(change, field, around);
  if (kind === 'rbd-image' && name === 'size') return [imageSize(change)];
  const label = labelOf(change);
  if (field.access) return [finding('ACCESS', `${label}: ${field.note ?? 'who reaches it changes'}`)];
  if (field.effect === 'read once') return [finding('CHANGE', `${label}: ${field.note ?? ''}`)];
  if (field.effect === 'nothing') return [finding('SAFE', `${label}: nothing that exists is touched`)];
  if (field.effect === 'another') return [finding('CHANGE', `${label}: another object is created`)];
  if (field.effect === 'next boot') return [finding('CHANGE', `${label}: VMs take it at their next boot`)];
  return [finding('CHANGE', `${label}: in place${field.note === undefined ? '' : `; ${field.note}`}`)];
}

/** One element of a VM's disks or interfaces is added or removed as a whole. */
function labelOf({ path, before, after, unknown }: FieldChange): string {
  const name = `\`${path.join('.')}\``;
  const isElement = path.length === 2 && (path[0] === 'disks' || path[0] === 'networkInterfaces');
  if (!isElement || unknown) return name;
  return before == null ? `${name} is added` : after == null ? `${name} is removed` : name;
}

function imageSize({ before, after, unknown }: FieldChange): Finding {
  const [was, is] = [sizeOf(before), sizeOf(after)];
  if (!unknown && was !== undefined && is !== undefined && is < was) {
    return finding('CHANGE', '`size` is smaller: the apply refuses to shrink an image');
  }
  return finding('CHANGE', '`size`: the image grows in place, and running VMs see it');
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
  const label = labelOf(change);
  const [name = ''] = change.path;
  if (name === 'tags' || name === 'driver') return [];
  if (name === 'running') return [power(change, label, vm)];
  if (name === 'autostart') return [finding('CHANGE', `${label}: in place`)];
  const tooMuch = beyond(change, around);
  const effect = tooMuch === undefined ? effectOf(change, field) : 'next boot';
  if (effect === 'nothing') return [finding('SAFE', `${label}: nothing that exists is touched`)];
  if (!vm.runs) return [finding('CHANGE', `${label}: the VM is off, and has it at its next start`)];
  // With PROVIDER the replaced domain says so: see the provider's rules.
  if (around.byProvider)
    return [finding('CHANGE', `${label}: takes effect by that restart; with PROVIDER every change is one`)];
  if (effect !== 'next boot') return [finding('CHANGE', `${label}: takes effect at once, on the running VM`)];
  const why = tooMuch === undefined ? label : `${label} ${tooMuch}`;
  return vm.restarts
    ? [
        finding(
          'OUTAGE',
          `${why}: the VM restarts, as its \`restartPolicy\` is now: it is shut down (switched off if it still runs after ${vm.timeout}) and started`,
        ),
      ]
    : [finding('CHANGE', `${why}: the VM runs on, and takes it at its next boot`)];
}

function power({ after, before }: FieldChange, label: string, { timeout }: Vm): Finding {
  if (after === false)
    return finding('OUTAGE', `${label}: the VM is shut down (switched off if it still runs after ${timeout})`);
  return before === false
    ? finding('CHANGE', `${label}: the VM is started`)
    : finding('OUTAGE', `${label}: whether the VM is stopped is only known at the apply`);
}

/** Why a live change is impossible: above a limit that the VM was started with, or lower than before. */
function beyond({ path, before, after, unknown }: FieldChange, around: Around): string | undefined {
  const [name] = path;
  if (name === 'vcpus') {
    if (unknown) return 'is not known yet';
    if (Number(after) < Number(before)) return 'is lowered';
    return Number(after) > Number(around.before['maxVcpus'] ?? before) ? 'is above `maxVcpus`' : undefined;
  }
  if (name !== 'memory') return undefined;
  const [is, limit] = [sizeOf(after), sizeOf(around.before['maxMemory'] ?? before)];
  if (unknown || is === undefined || limit === undefined) return 'is not known yet';
  return is > limit ? 'is above `maxMemory`' : undefined;
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
  // An added or removed disk: depends on the buses that QEMU can plug.
  const bus = valuesOf(before ?? after)['bus'];
  return bus === 'virtio' || bus === 'scsi' || bus === 'usb' ? 'live' : 'next boot';
}
