import { parseSize, type RbdImageSpec } from '../../model';
import { Refusal, type Tools } from '../tools';
import { cloneParent } from './clone';
import { createThenRename } from './create-then-rename';
import { dataPoolFault } from './data-pool';
import { nameOf, imageSpecOf } from './rbd-command';
import { creationParameters } from './import';
import { Progress } from './progress';
import { makeSeed } from './seed-content';
import { findSourceFile } from './source-file';
import { inPool } from './observed-image';
import { growNew, refuseSmaller } from './initial-size';
import { fromUrl, fromFile } from './create-from-file';

/** Creates a missing image from its source. */
export async function makeImage(spec: RbdImageSpec, tools: Tools): Promise<void> {
  await inPool(spec, async () => {
    try {
      await make(spec, tools);
    } catch (error) {
      throw await dataPoolFault(spec, error, tools);
    }
  });
}

async function make(spec: RbdImageSpec, tools: Tools): Promise<void> {
  const { source } = spec;
  if (source.seed !== undefined) await makeSeed(tools, spec);
  else if (source.file !== undefined) await fromFile(tools, spec, findSourceFile(source.file), source.file);
  else if (source.url !== undefined) await fromUrl(tools, spec, source.url);
  else if (source.clone !== undefined || source.snapshot !== undefined) await fromParent(tools, spec);
  else await createBlank(tools, spec);
}

async function createBlank(tools: Tools, spec: RbdImageSpec): Promise<void> {
  if (spec.size === undefined) {
    throw new Refusal(
      `image '${imageSpecOf(spec)}' is blank and has no size`,
      "give it one: 'size: Size.gibibytes(20)'",
      'image-size-missing',
    );
  }
  const size = parseSize(spec.size);
  await createThenRename(tools, spec, (temporary) =>
    tools.ceph(spec.cluster).createImage({ ...nameOf(temporary), ...creationParameters(spec), size }),
  );
}

async function fromParent(tools: Tools, spec: RbdImageSpec): Promise<void> {
  const parent = await cloneParent(tools, spec);
  const { size } = parent.snapshot;
  refuseSmaller(spec, size, `its parent '${imageSpecOf(parent.image)}@${parent.snapshot.name}'`);
  const ceph = tools.ceph(spec.cluster);
  await createThenRename(tools, spec, async (temporary) => {
    const from = { ...nameOf(parent.image), snapshot: parent.snapshot.name };
    await ceph.cloneImage({ ...nameOf(temporary), ...creationParameters(spec), parent: from });
    if (spec.source.flatten === true) {
      const progress = new Progress(tools, `flattening '${imageSpecOf(spec)}'`, size);
      await ceph.flattenImage(nameOf(temporary), { onProgress: (done) => progress.at(done) });
    }
    await growNew(tools, spec, size, temporary);
  });
}
