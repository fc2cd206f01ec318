import { type Image, isPoolMissing } from '../../ceph';
import type { ImageUserSpec } from '../../model';
import { MARK_KEY, parseMark, type Mark } from '../ownership/mark';
import { noPool } from '../tools';
import type { Namesakes } from './trash';

/** What one look shows of an image and of what runs left of it. */
export interface ImageWorld {
  readonly image?: Image;
  /** Of an image that is not there. */
  readonly absent?: AbsentImage;
  /** It came back from the trash, and its mark there still stands. */
  readonly wasTrashed?: boolean;
  /** What killed runs left: images and folders. */
  readonly leftovers: readonly string[];
  /** The file that it was made from has another content now. */
  readonly sourceChanged: boolean;
  /** The VMs that run and take it for smaller. */
  readonly usersBehind: readonly ImageUserSpec[];
}

export interface AbsentImage {
  /** It is on its way out: its removal, or its move to the trash, was cut off. */
  readonly interruptedRemoval: boolean;
  readonly trashed: Namesakes;
}

/** The mark, whatever it names. */
export function markOf(image: Image): Mark | undefined {
  return parseMark(image.metadata[MARK_KEY]);
}

export type RemovalWorld = Pick<ImageWorld, 'image' | 'leftovers'> & { readonly interruptedRemoval: boolean };

/** An unknown pool is named, with the way on. */
export async function inPool<T>({ pool }: { readonly pool: string }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isPoolMissing(error)) throw error;
    throw noPool(pool);
  }
}
