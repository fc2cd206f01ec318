import { bytesText, parseSize, type RbdImageSpec } from '../../model';
import { Refusal, type Tools } from '../tools';
import { nameOf, imageSpecOf, type ImageRef } from './rbd-command';

/** A new image gets its size before it gets its name; `size` is the size that it has from its source. */
export async function growNew(tools: Tools, spec: RbdImageSpec, size: number, temporary: ImageRef): Promise<void> {
  if (spec.size === undefined || parseSize(spec.size) <= size) return;
  await tools.ceph(spec.cluster).growImage({ ...nameOf(temporary), size: parseSize(spec.size) });
}

/** Refuses a size that would truncate the content of the source. */
export function refuseSmaller(spec: RbdImageSpec, size: number, of: string): void {
  if (spec.size === undefined || parseSize(spec.size) >= size) return;
  throw new Refusal(
    `image '${imageSpecOf(spec)}' would be truncated: its size is ${spec.size}, but ${of} has ${bytesText(size)} (${size} bytes)`,
    'give it at least that size, or none',
    'image-shrinks',
  );
}
