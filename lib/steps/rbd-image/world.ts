import { type Image, isPoolMissing } from '../../ceph';
import type { ClusterSpec, ImageUserSpec, OwnerSpec, RbdImageRemoval, RbdImageSpec } from '../../model';
import { assureCluster } from '../ceph-monitors';
import { MARK_KEY, mayRemove, parseMark, type Mark } from '../mark';
import { Refusal, type Tools } from '../tools';
import { isSourceChanged } from './creation-record';
import { nameOf, specOf, type ImageRef } from './image';
import { scratchLeft } from './scratch';
import { leftoversAmong } from './temporary';
import { lookInTrash, trashKey, type Namesakes } from './trash';
import { usersBehind } from './resize-in-vms';

/** What one look shows of an image and of what runs left of it. */
export interface ImageWorld {
  readonly image?: Image;
  /** Of an image that is not there. */
  readonly gone?: Gone;
  /** It came back from the trash, and its mark there still stands. */
  readonly wasTrashed?: boolean;
  /** What killed runs left: images and folders. */
  readonly leftovers: readonly string[];
  /** The file that it was made from has another content now. */
  readonly sourceChanged: boolean;
  /** The VMs that run and take it for smaller. */
  readonly usersBehind: readonly ImageUserSpec[];
}

export interface Gone {
  /** It is on its way out: its removal, or its move to the trash, was cut off. */
  readonly cutOff: boolean;
  readonly trashed: Namesakes;
}

/** The mark, whatever it names. */
export function markOf(image: Image): Mark | undefined {
  return parseMark(image.metadata[MARK_KEY]);
}

export async function observeImage(spec: RbdImageSpec, tools: Tools): Promise<ImageWorld> {
  const { image, leftovers } = await look(spec, tools);
  if (image === undefined) {
    await assureCluster(`image '${specOf(spec)}'`, spec.cluster, tools);
    return { gone: await lookGone(spec, tools), leftovers, sourceChanged: false, usersBehind: [] };
  }
  const mark = markOf(image);
  const takenBack = mark?.id === image.id && mark.entryId !== spec.entryId;
  return {
    image,
    wasTrashed: takenBack && (await hasTrashMark(spec, image, tools)),
    leftovers,
    sourceChanged: await isSourceChanged(spec, image),
    usersBehind: await usersBehind(spec, image.size, tools),
  };
}

export type RemovalWorld = Pick<ImageWorld, 'image' | 'leftovers'> & { readonly cutOff: boolean };

/** Where it is not this entry's, the commands may reach another cluster than the one that holds it. */
export async function observeRemoval(spec: RbdImageRemoval, tools: Tools): Promise<RemovalWorld> {
  const { image, leftovers } = await look(spec, tools);
  if (image === undefined || !mayRemove(markOf(image), spec, image.id)) {
    await assureCluster(`image '${specOf(spec)}'`, spec.cluster, tools);
  }
  const cutOff = image === undefined && (await tools.ceph(spec.cluster).isCutOff(nameOf(spec)));
  return { image, leftovers, cutOff };
}

interface Owned extends ImageRef {
  readonly owner: OwnerSpec;
}

async function look(spec: Owned, tools: Tools): Promise<{ image?: Image; leftovers: readonly string[] }> {
  return inPool(spec, async () => {
    const ceph = tools.ceph(spec.cluster);
    const [image, names, scratch] = await Promise.all([
      ceph.image(nameOf(spec)),
      ceph.imageNames({ pool: spec.pool }),
      scratchLeft(spec),
    ]);
    const left = await leftoversAmong(names, spec, tools);
    return { image, leftovers: [...left.map(specOf), ...scratch] };
  });
}

export async function lookGone(spec: Owned, tools: Tools): Promise<Gone> {
  const [cutOff, trashed] = await Promise.all([
    tools.ceph(spec.cluster).isCutOff(nameOf(spec)),
    lookInTrash(spec, tools),
  ]);
  return { cutOff, trashed };
}

async function hasTrashMark(
  spec: { cluster: ClusterSpec; pool: string },
  { id }: Image,
  tools: Tools,
): Promise<boolean> {
  const text = await tools.ceph(spec.cluster).configKey({ key: trashKey(spec.pool, id) });
  return parseMark(text)?.id === id;
}

/** An unknown pool is named, with the way on. */
export async function inPool<T>({ pool }: { readonly pool: string }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPoolMissing(error)) throw error;
    throw new Refusal(
      `pool '${pool}' does not exist in the cluster`,
      `correct its name ('ceph osd lspools' lists them), or make it: 'ceph osd pool create ${pool}' and 'rbd pool init ${pool}'`,
    );
  }
}
