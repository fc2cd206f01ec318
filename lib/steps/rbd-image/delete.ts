import type { RbdImageRemoval } from '../../model';
import { rbd, typed } from '../commands';
import { Refusal, type Tools } from '../tools';
import { refuseWatchers } from '../watchers';
import { CLONE_SNAPSHOT } from './clone';
import { snapshots, specOf, type ImageRef } from './image';
import { Progress } from './progress';

/** Clones that the same apply removes go meanwhile. */
const CHILDREN_SECONDS = 60;
const POLL_SECONDS = 2;

/** A clone of an image; one in the trash still reads from its parent. */
export interface Child {
  readonly pool: string;
  readonly image: string;
  readonly id: string;
  readonly trash: boolean;
}

/** The clones of an image, or of one snapshot of it. */
export async function childrenOf(tools: Tools, image: ImageRef, snapshot?: string): Promise<readonly Child[]> {
  const of = snapshot === undefined ? specOf(image) : `${specOf(image)}@${snapshot}`;
  const text = await tools.run(rbd(image.cluster, 'children', '--all', '--format', 'json', of));
  return JSON.parse(text || '[]') as Child[];
}

/** "clone 'pool/a', clone 'pool/b' (in the trash)" */
export function childrenText(children: readonly Child[]): string {
  return children.map(({ pool, image, trash }) => `'${pool}/${image}'${trash ? ' (in the trash)' : ''}`).join(', ');
}

/** DELETE: gone for good. Refuses while anything would lose data by it: users, clones, snapshots that are not ours. */
export async function deleteImage(spec: RbdImageRemoval, tools: Tools): Promise<void> {
  const name = specOf(spec);
  await refuseWatchers(tools, spec.cluster, spec, 'deleted');
  await refuseForeignSnapshots(spec, tools);
  await waitForChildren(spec, tools);
  if ((await snapshots(tools, spec)).some((one) => one.name === CLONE_SNAPSHOT)) {
    await tools.run(rbd(spec.cluster, 'snap', 'rm', '--no-progress', `${name}@${CLONE_SNAPSHOT}`));
  }
  const progress = new Progress(tools, `deleting '${name}'`);
  await tools.run(rbd(spec.cluster, 'rm', name), { onProgress: (line) => progress.line(line) });
}

async function refuseForeignSnapshots(spec: RbdImageRemoval, tools: Tools): Promise<void> {
  const others = (await snapshots(tools, spec)).filter((one) => one.name !== CLONE_SNAPSHOT);
  if (others.length === 0) return;
  const names = others.map((one) => `${specOf(spec)}@${one.name}`);
  throw new Refusal(
    `image '${specOf(spec)}' cannot be deleted: it has snapshots, ${names.map((one) => `'${one}'`).join(', ')}`,
    `remove them by hand where nobody needs them ('${typed('rbd', 'snap', 'rm', names[0] as string)}'), or use the removal policy TRASH, which keeps them`,
  );
}

async function waitForChildren(spec: RbdImageRemoval, tools: Tools): Promise<void> {
  const deadline = Date.now() + CHILDREN_SECONDS * 1000;
  for (let said = false; ; said = true) {
    const children = await childrenOf(tools, spec);
    if (children.length === 0) return;
    if (children.every((child) => child.trash) || Date.now() >= deadline) {
      throw new Refusal(
        `image '${specOf(spec)}' cannot be deleted: it has clones, ${childrenText(children)}`,
        `remove or flatten them ('rbd trash rm' ends those in the trash), or use the removal policy TRASH, which clones live with`,
      );
    }
    if (!said)
      tools.say(`image '${specOf(spec)}' has clones, ${childrenText(children)}: waiting up to ${CHILDREN_SECONDS} s`);
    await tools.sleep(POLL_SECONDS);
  }
}
