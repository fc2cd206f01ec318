import { type Image, isPoolMissing } from '../../ceph';
import type { ImageUserSpec } from '../../model';
import { MARK_KEY, parseMark, type Mark } from '../ownership/mark';
import { noPool } from '../tools';
import type { Namesakes } from './look-in-trash';

/** What one look finds of an image and of the leftovers of its runs. */
export interface ImageWorld {
  readonly image?: Image;
  /** If the image is missing. */
  readonly absent?: AbsentImage;
  /** It came back from the trash, and its mark is still there. */
  readonly wasTrashed?: boolean;
  /** The other name of an image whose rename was interrupted. */
  readonly temporaryName?: string;
  /** Leftovers of killed runs: images and folders. */
  readonly leftovers: readonly string[];
  /** The file from which it was created has other content now. */
  readonly sourceChanged: boolean;
  /** The running VMs that see it smaller than it is. */
  readonly usersBehind: readonly ImageUserSpec[];
}

export interface AbsentImage {
  /** Its removal, or its move to the trash, was interrupted. */
  readonly interruptedRemoval: boolean;
  readonly trashed: Namesakes;
}

/** The mark, whatever it names. */
export function markOf(image: Image): Mark | undefined {
  return parseMark(image.metadata[MARK_KEY]);
}

export type RemovalWorld = Pick<ImageWorld, 'image' | 'temporaryName' | 'leftovers'> & {
  readonly interruptedRemoval: boolean;
};

/** An unknown pool is reported, with what to do. */
export async function inPool<T>({ pool }: { readonly pool: string }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPoolMissing(error)) throw error;
    throw noPool(pool);
  }
}
