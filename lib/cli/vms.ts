import { oneLine } from '../exec/messages';
import { Stopped } from '../exec/children';
import { bytesText, type DomainSpec } from '../model';
import type { Tools } from '../steps/tools';
import { fewAtOnce } from '../few-at-once';
import type { DiskUse } from '../vms/disk-use';
import { observeVmState, type VmState } from '../vms/vm-state';
import type { Result, Session } from './command-session';
import { ofKind } from './stack-objects';
import { table } from './table';

const HEADER = ['VM', 'HOST', 'STATE', 'ADDRESS', 'SOURCE', 'DISK', 'SIZE', 'USED', 'NEXT BOOT'];

/** All VMs of the stack: where each runs, its addresses, its disks, and what waits for its next boot. */
export async function vms(session: Session): Promise<Result> {
  const { tools } = session;
  const objects = await session.objects();
  const looked = await fewAtOnce(ofKind<DomainSpec>(objects, 'domain'), ({ spec }) => lookOrTell(spec, tools));
  const missing = objects.missing.filter(({ kind }) => kind === 'domain').map(({ name }) => neverApplied(name));
  const all = [...looked, ...missing];
  return { json: all, lines: renderVms(all), finding: all.some(({ problem }) => problem !== undefined) };
}

/** A host that is down must not hide the results for the others. */
async function lookOrTell(spec: DomainSpec, tools: Tools): Promise<VmState> {
  try {
    return await observeVmState(spec, tools);
  } catch (error) {
    if (error instanceof Stopped) throw error;
    const about = { vm: spec.name, host: spec.host.uri, driver: spec.driver, state: 'unknown' };
    return {
      ...about,
      addresses: [],
      disks: [],
      waiting: [],
      problem: oneLine(error instanceof Error ? error.message : String(error)),
    };
  }
}

function neverApplied(vm: string): VmState {
  const problem = 'it is in the configuration but not in the state: apply it';
  return { vm, state: 'not applied', addresses: [], disks: [], waiting: [], problem };
}

/** A VM takes as many rows as it has addresses, disks or changes; problems are below the table. */
export function renderVms(all: readonly VmState[]): string[] {
  if (all.length === 0) return ['the stack has no VM'];
  const problems = all.flatMap(({ vm, problem, disks }) => [
    ...(problem === undefined ? [] : [`VM '${vm}': ${problem}`]),
    ...disks.flatMap((disk) =>
      disk.problem === undefined ? [] : [`VM '${vm}': disk ${disk.target}: ${disk.problem}`],
    ),
  ]);
  return [...table(HEADER, all.flatMap(rowsOf)), ...problems];
}

function rowsOf({ vm, host = '-', state, addresses, disks, waiting }: VmState): string[][] {
  const count = Math.max(1, addresses.length, disks.length, waiting.length);
  return Array.from({ length: count }, (_, row) => [
    ...(row === 0 ? [vm, host, state] : ['', '', '']),
    addresses[row]?.address ?? (row === 0 ? '-' : ''),
    addresses[row]?.source ?? '',
    ...diskCells(disks[row]),
    waiting[row] ?? '',
  ]);
}

function diskCells(disk: DiskUse | undefined): string[] {
  if (disk === undefined) return ['', '', ''];
  const amount = (bytes: number | undefined) => (bytes === undefined ? '-' : bytesText(bytes));
  return [disk.target, amount(disk.size), amount(disk.used)];
}
