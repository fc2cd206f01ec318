import type { HostSpec, ImageUserSpec, RbdImageSpec } from '../../model';
import { virsh, inBytes } from '../commands';
import { saysOnly } from '../libvirt';
import { differs, OK, type Step } from '../step';
import type { DomainPlace } from '../look-at-many';
import { ToolError, type Tools } from '../tools';
import { nameOf, imageSpecOf } from './rbd-command';
import type { ImageWorld } from './observed-image';

/**
 * Running VMs see the image's size. They are only ever given the size that the cluster reports now, because
 * `blockresize` also shrinks.
 */
export const resizeInVms: Step<RbdImageSpec, ImageWorld> = {
  name: 'resize it in running VMs',
  // By hand, it has its size before a VM is started with it.
  describe: () => [],
  judge(_spec, { usersBehind: behind }) {
    const names = behind.map((user) => `VM '${user.domain}' (${user.target})`);
    return names.length === 0 ? OK : differs(`${names.join(', ')} still sees the smaller size`);
  },
  act: growInEachVmAfterAnotherLook,
};

/** An image that was grown since the look would be shrunk to its earlier size. */
async function growInEachVmAfterAnotherLook(spec: RbdImageSpec, _world: ImageWorld, tools: Tools): Promise<void> {
  for (const user of spec.users ?? []) {
    const seen = await seenSize(spec, user, tools);
    const size = seen === undefined ? undefined : (await tools.ceph(spec.cluster).image(nameOf(spec)))?.size;
    if (seen === undefined || size === undefined || seen >= size) continue;
    const { host, domain, target } = user;
    await ofRunning(host, tools, 'blockresize', '--', domain, target, inBytes(size));
  }
}

/** Running VMs that see a smaller size than the image has. */
export async function usersBehind(
  spec: RbdImageSpec,
  size: number,
  tools: Tools,
  shown?: (place: DomainPlace) => Promise<string>,
): Promise<readonly ImageUserSpec[]> {
  const found: ImageUserSpec[] = [];
  for (const user of spec.users ?? []) {
    const seen = await seenSize(spec, user, tools, shown);
    if (seen !== undefined && seen < size) found.push(user);
  }
  return found;
}

/** The disks of a VM and their sizes as it sees them, one line each, beginning with the target. */
export function disksOf(domain: string): string[] {
  return [`domblklist ${domain}`, `domblkinfo --all ${domain}`];
}

/** The size that a running VM sees; undefined if it does not run or has something else at that target. */
async function seenSize(
  spec: RbdImageSpec,
  { host, domain, target }: ImageUserSpec,
  tools: Tools,
  shown?: (place: DomainPlace) => Promise<string>,
): Promise<number | undefined> {
  const active = (await tools.run(virsh(host, 'list', '--name'))).split('\n');
  if (!active.includes(domain)) return undefined;
  const together = (await shown?.({ host, name: domain })) ?? '';
  const said = together === '' ? await ofRunning(host, tools, disksOf(domain).join('; ')) : together;
  const lines = (said ?? '').split('\n').map((line) => line.trim().split(/\s+/));
  const ofTarget = lines.filter(([name]) => name === target);
  if (!ofTarget.some(([, source]) => source === imageSpecOf(spec))) return undefined;
  const capacity = ofTarget.find(([, figure]) => /^\d+$/.test(figure ?? ''))?.[1];
  return capacity === undefined ? undefined : Number(capacity);
}

const ENDED = /failed to get domain|Domain not found|domain is not running/;

/** Undefined: the VM has ended since it was listed, as it may at any time. It sees the size at its next start. */
async function ofRunning(host: HostSpec, tools: Tools, ...args: string[]): Promise<string | undefined> {
  const command = virsh(host, ...args);
  const outcome = await tools.attempt(command);
  if (outcome.exitCode === 0) return outcome.stdout;
  if (saysOnly(outcome.stderr, ENDED)) return undefined;
  throw new ToolError(command, outcome);
}
