import { parseSize } from '../model';
import { type Field, UNLISTED } from './effects';
import { DISK_FIELDS, NIC_FIELDS } from './effects-of-vms';
import type { FieldChange } from './changed-fields';
import { powerOff, valuesOf } from './values';
import { type Finding, finding } from './verdicts';

type Fields = { readonly [name: string]: unknown };

interface Around {
  readonly label: string;
  readonly field: Field;
  /** The spec's fields. */
  readonly before: Fields;
  readonly after: Fields;
  readonly byProvider: boolean;
}

/** What a changed field of a VM does to it. */
export function vmFindings(change: FieldChange, around: Around): Finding[] {
  const { label, field, before, after, byProvider } = around;
  const [name = ''] = change.path;
  if (name === 'tags' || name === 'driver') return [];
  if (name === 'running') return [power(change, around)];
  if (name === 'autostart') return [finding('CHANGE', `${label}: changes in place`)];
  const tooMuch = beyond(change, around);
  const effect = tooMuch === undefined ? effectOf(change, field) : 'next boot';
  if (effect === 'nothing') return [finding('SAFE', `${label}: has no effect now, only on later applies`)];
  if (before['running'] === false)
    return [finding('CHANGE', `${label}: the VM is off; the change applies when it next starts`)];
  // With PROVIDER the replaced domain says so: see the provider's rules.
  if (byProvider) return [finding('CHANGE', `${label}: takes effect with the VM's restart`)];
  if (effect !== 'next boot') return [finding('CHANGE', `${label}: takes effect at once, on the running VM`)];
  const why = tooMuch === undefined ? label : `${label} ${tooMuch}`;
  return after['restartPolicy'] === 'now'
    ? [
        finding(
          'OUTAGE',
          `${why}: the VM restarts, as its \`restartPolicy\` is now: it is shut down (${powerOffOf(around)}) and started`,
        ),
      ]
    : [
        finding(
          'CHANGE',
          `${why}: the VM keeps running unchanged until it is shut down and started again (a reboot inside the guest is not enough)`,
        ),
      ];
}

const powerOffOf = ({ before, after }: Around): string =>
  powerOff(after['shutdownTimeout'] ?? before['shutdownTimeout']);

function power({ after, before }: FieldChange, around: Around): Finding {
  const { label } = around;
  if (after === false) return finding('OUTAGE', `${label}: the VM is shut down (${powerOffOf(around)})`);
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

/** In bytes; undefined if it is not a size. */
export function sizeOf(value: unknown): number | undefined {
  try {
    return typeof value === 'string' ? parseSize(value) : undefined;
  } catch {
    return undefined;
  }
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
