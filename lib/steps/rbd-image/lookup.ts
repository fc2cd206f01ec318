import type { Image } from '../../ceph';
import type { ClusterSpec, OwnerSpec, RbdImageRemoval, RbdImageSpec } from '../../model';
import { assureCluster } from '../ceph-monitors';
import { mayRemove, parseMark } from '../ownership/mark';
import { type DomainPlace, lookAtMany } from '../look-at-many';
import type { Tools } from '../tools';
import { isSourceChanged } from './creation-record';
import { nameOf, imageSpecOf, type ImageRef } from './rbd-command';
import { scratchLeft } from './scratch-folder';
import { leftoversAmong } from './interrupted-creation';
import { lookInTrash, trashKey } from './look-in-trash';
import { disksOf, usersBehind } from './resize-in-vms';
import { type AbsentImage, type ImageWorld, inPool, markOf, type RemovalWorld } from './observed-image';

export function observeImage(spec: RbdImageSpec, tools: Tools): Promise<ImageWorld> {
  return observeWithUsers(spec, tools);
}

/** Looks at the VMs that use them in a few calls of virsh. */
export function observeImages(
  specs: readonly RbdImageSpec[],
  tools: Tools,
): (spec: RbdImageSpec) => Promise<ImageWorld> {
  const places = specs.flatMap(({ users = [] }) => users.map(({ host, domain }) => ({ host, name: domain })));
  const shown = lookAtMany(places, disksOf, tools);
  return (spec) => observeWithUsers(spec, tools, shown);
}

async function observeWithUsers(
  spec: RbdImageSpec,
  tools: Tools,
  shown?: (place: DomainPlace) => Promise<string>,
): Promise<ImageWorld> {
  const { image, temporaryName, leftovers } = await look(spec, tools);
  if (image === undefined) {
    await assureCluster(`image '${imageSpecOf(spec)}'`, spec.cluster, tools);
    return { absent: await lookAtAbsent(spec, tools), leftovers, sourceChanged: false, usersBehind: [] };
  }
  const mark = markOf(image);
  const takenBack = mark?.id === image.id && mark.entryId !== spec.entryId;
  return {
    image,
    temporaryName,
    wasTrashed: takenBack && (await hasTrashMark(spec, image, tools)),
    leftovers,
    sourceChanged: await isSourceChanged(spec, image),
    usersBehind: await usersBehind(spec, image.size, tools, shown),
  };
}

/** If the object is not this entry's, the commands may have reached the wrong cluster. */
export async function observeRemoval(spec: RbdImageRemoval, tools: Tools): Promise<RemovalWorld> {
  const { image, temporaryName, leftovers } = await look(spec, tools);
  if (image === undefined || !mayRemove(markOf(image), spec, image.id)) {
    await assureCluster(`image '${imageSpecOf(spec)}'`, spec.cluster, tools);
  }
  const interruptedRemoval = image === undefined && (await tools.ceph(spec.cluster).isRemovalInterrupted(nameOf(spec)));
  return { image, temporaryName, leftovers, interruptedRemoval };
}

interface Owned extends ImageRef {
  readonly owner: OwnerSpec;
}

async function look(spec: Owned, tools: Tools): Promise<Pick<ImageWorld, 'image' | 'temporaryName' | 'leftovers'>> {
  return inPool(spec, async () => {
    const ceph = tools.ceph(spec.cluster);
    const [image, names, scratch] = await Promise.all([
      ceph.image(nameOf(spec)),
      ceph.imageNames({ pool: spec.pool }),
      scratchLeft(spec),
    ]);
    const left = await leftoversAmong(names, spec, tools);
    const renamed = left.find(({ id }) => id !== undefined && id === image?.id);
    const others = left.filter((one) => one !== renamed);
    return { image, temporaryName: renamed?.name, leftovers: [...others.map(imageSpecOf), ...scratch] };
  });
}

export async function lookAtAbsent(spec: Owned, tools: Tools): Promise<AbsentImage> {
  const [interruptedRemoval, trashed] = await Promise.all([
    tools.ceph(spec.cluster).isRemovalInterrupted(nameOf(spec)),
    lookInTrash(spec, tools),
  ]);
  return { interruptedRemoval, trashed };
}

async function hasTrashMark(
  spec: { cluster: ClusterSpec; pool: string },
  { id }: Image,
  tools: Tools,
): Promise<boolean> {
  const text = await tools.ceph(spec.cluster).configKey({ key: trashKey(spec.pool, id) });
  return parseMark(text)?.id === id;
}
