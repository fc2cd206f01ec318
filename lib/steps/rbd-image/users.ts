import type { ImageUserSpec, RbdImageSpec } from '../../model';
import { typed, virsh } from '../commands';
import { differs, OK, type Step } from '../step';
import type { Tools } from '../tools';
import { imageInfo, specOf } from './image';

/** Running VMs see the image's size. Only the figure that `rbd info` gives now is ever told: `blockresize` also cuts. */
export const users: Step<RbdImageSpec> = {
  name: 'its size in running VMs',
  describe: (spec) =>
    (spec.users ?? []).map(({ host, domain, target }) =>
      typed('virsh', '--connect', host.uri, 'blockresize', domain, target, 'ACTUAL-SIZE-IN-BYTES-B'),
    ),
  async observe(spec, tools) {
    const behind = await usersBehind(spec, tools);
    const names = behind.map((user) => `VM '${user.domain}' (${user.target})`);
    return names.length === 0 ? OK : differs(`${names.join(', ')} still sees the smaller size`);
  },
  async act(spec, tools) {
    // Looked at once more right before each: an image that somebody grew meanwhile would be cut to what it was.
    for (const user of spec.users ?? []) {
      const size = await sizeToTell(spec, user, tools);
      if (size === undefined) continue;
      const { host, domain, target } = user;
      await tools.run(virsh(host, 'blockresize', '--', domain, target, `${size}B`));
    }
  },
};

async function usersBehind(spec: RbdImageSpec, tools: Tools): Promise<ImageUserSpec[]> {
  const found: ImageUserSpec[] = [];
  for (const user of spec.users ?? []) {
    if ((await sizeToTell(spec, user, tools)) !== undefined) found.push(user);
  }
  return found;
}

/** The image's, in bytes, where a running VM takes it for smaller. */
async function sizeToTell(spec: RbdImageSpec, user: ImageUserSpec, tools: Tools): Promise<number | undefined> {
  const seen = await seenSize(spec, user, tools);
  if (seen === undefined) return undefined;
  const size = (await imageInfo(tools, spec))?.size;
  return size !== undefined && seen < size ? size : undefined;
}

/** What a running VM takes the disk's size for; undefined when it does not run or shows something else there. */
async function seenSize(spec: RbdImageSpec, user: ImageUserSpec, tools: Tools): Promise<number | undefined> {
  const { host, domain, target } = user;
  const active = (await tools.run(virsh(host, 'list', '--name'))).split('\n');
  if (!active.includes(domain)) return undefined;
  const disks = (await tools.run(virsh(host, 'domblklist', '--', domain))).split('\n');
  const shows = disks.some((line) => {
    const [name, source] = line.trim().split(/\s+/);
    return name === target && source === specOf(spec);
  });
  if (!shows) return undefined;
  const info = await tools.run(virsh(host, 'domblkinfo', '--', domain, target));
  return Number(/^Capacity:\s+(\d+)/m.exec(info)?.[1] ?? Number.NaN);
}
