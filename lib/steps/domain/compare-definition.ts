import { ALIAS_PREFIX, isQ35 } from '../../render/domain/defaults';
import type { Comparable, Part } from './compared-fields';
import type { Fields } from './device-fields';

/** One difference from what is wanted. */
export interface Difference {
  readonly part: 'domain' | 'disk' | 'interface' | 'device';
  /** A disk's target, an interface's MAC address, a device's alias. */
  readonly key: string;
  readonly change: 'missing' | 'extra' | 'differs';
  readonly field?: string;
  readonly text: string;
}

/** How an observed definition differs from the wanted one; devices of others are no difference. */
export function differences(wanted: Comparable, found: Comparable): Difference[] {
  const parts = [
    ...partDifferences('disk', wanted.disks, found.disks),
    ...partDifferences('interface', wanted.interfaces, found.interfaces),
    ...partDifferences('device', wanted.devices, found.devices),
  ];
  return [...fieldDifferences('domain', '', wanted.fields, found.fields, sameField), ...parts];
}

/**
 * The same for a running VM. Ignored: what may change while it runs (its balloon's size), what has no effect on it (the
 * description), a spare I/O thread, and what libvirt spells out while it runs: the processor of 'host-model', the
 * bridge behind a network.
 */
export function liveDifferences(wanted: Comparable, live: Comparable): Difference[] {
  return differences(wanted, live).filter(({ part, key, field }) => {
    if (field === 'description') return false;
    if (field === 'memory') return wanted.fields['maximum memory'] !== live.fields['maximum memory'];
    if (field === 'cpu') return wanted.fields['cpu'] !== 'host-model';
    if (field === 'cpu features') return hasMore(wanted.fields[field], live.fields[field]);
    if (field === 'I/O threads') return hasMore(wanted.fields[field], live.fields[field]);
    const source = (view: Comparable) => view.interfaces.get(key)?.fields['source'] ?? '';
    const hidden = part === 'interface' && field === 'source' && source(live).startsWith('bridge ');
    return !(hidden && source(wanted).startsWith('network '));
  });
}

function hasMore(wanted = '', live = ''): boolean {
  const there = live.split(', ');
  return wanted !== '' && wanted.split(', ').some((one) => !there.includes(one));
}

/** "memory is 2 GiB, not 4 GiB; disk vdb is missing" */
export function textOf(found: readonly Difference[]): string {
  return found.map(({ text }) => text).join('; ');
}

/** An alias of a machine type ("q35") matches each of its versions ("pc-q35-7.2"), which libvirt writes. */
export function sameMachine(wanted: string | undefined, found: string | undefined): boolean {
  if (wanted === 'q35') return found !== undefined && isQ35(found);
  if (wanted === 'virt') return found === 'virt' || found?.startsWith('virt-') === true;
  if (wanted === 'pc') return found === 'pc' || found?.startsWith('pc-i440fx-') === true;
  return wanted === found;
}

function sameField(field: string, wanted: string | undefined, found: string | undefined): boolean {
  if (field === 'machine type') return sameMachine(wanted, found);
  // Without a 'cpuMode' QEMU's default processor is used, which libvirt spells out; a spare source of random numbers
  // does no harm.
  return wanted === found || (wanted === undefined && ['cpu', 'random numbers'].includes(field));
}

function fieldDifferences(
  part: Difference['part'],
  key: string,
  wanted: Fields,
  found: Fields,
  same: (field: string, wanted: string | undefined, found: string | undefined) => boolean,
): Difference[] {
  const name = part === 'domain' ? '' : `${label(part, key)}: `;
  const line = (field: string) => `${name}${field} is ${found[field] ?? 'none'}, not ${wanted[field] ?? 'none'}`;
  return Object.keys(wanted)
    .filter((field) => !same(field, wanted[field], found[field]))
    .filter((field) => !repeats(field, wanted, found))
    .map((field) => ({ part, key, change: 'differs', field, text: line(field) }));
}

/** Without its own maximum, "maximum memory" equals "memory". */
function repeats(field: string, wanted: Fields, found: Fields): boolean {
  const plain = field.replace(/^maximum /, '');
  if (plain === field) return false;
  return wanted[plain] === wanted[field] && found[plain] === found[field] && wanted[plain] !== found[plain];
}

function partDifferences(
  part: PartName,
  wanted: ReadonlyMap<string, Part>,
  found: ReadonlyMap<string, Part>,
): Difference[] {
  const same = (_: string, a: string | undefined, b: string | undefined) => a === b;
  const there = [...wanted].flatMap(([key, one]): Difference[] => {
    const other = found.get(key);
    if (other === undefined) return [{ part, key, change: 'missing', text: `${label(part, key)} is missing` }];
    return fieldDifferences(part, key, one.fields, other.fields, same);
  });
  const left = [...found].filter(([key, one]) => one.ours && !wanted.has(key));
  return [
    ...there,
    ...left.map(([key]): Difference => ({
      part,
      key,
      change: 'extra',
      text: `${label(part, key)} is no longer wanted`,
    })),
  ];
}

type PartName = Exclude<Difference['part'], 'domain'>;

const LABELS = { disk: 'disk', interface: 'network interface', device: 'device' } as const;

function label(part: PartName, key: string): string {
  return `${LABELS[part]} ${key.replace(ALIAS_PREFIX, '')}`;
}
