import { parseSize, type ImageSourceSpec, type RbdImageSpec } from '../../model';
import { OK, type Step } from '../step';
import { imageInfo, imageMeta, SOURCE_KEY, specOf, type ImageInfo } from './image';
import { bytesText } from './progress';
import { factsNow, isOtherFile, type FileFacts } from './source-file';

/** What an image was made with, beside its mark. It counts, like the mark, only where it names the image itself. */
export interface Creation {
  readonly id: string;
  readonly source: ImageSourceSpec;
  readonly objectSize?: string;
  readonly dataPool?: string;
  readonly features?: readonly string[];
  /** The file behind `ImageSource.file`. */
  readonly file?: FileFacts;
}

export function creationOf(spec: RbdImageSpec, id: string, file?: FileFacts): Creation {
  const { source, objectSize, dataPool, features } = spec;
  return { id, source, objectSize, dataPool, features, file };
}

/** What is read once, at creation: a later change of it does nothing to the image, and is told. */
export const creation: Step<RbdImageSpec> = {
  name: 'what it was made with',
  describe: () => [],
  async observe(spec, tools) {
    const info = await imageInfo(tools, spec);
    if (info === undefined) return OK;
    const recorded = parseCreation((await imageMeta(tools, spec))[SOURCE_KEY], info.id);
    for (const { prop, is, wanted } of creationChanges(spec, info, recorded)) {
      tools.warn(
        `image '${specOf(spec)}' was made with ${prop} ${is} and keeps it; ${wanted} takes effect only on an image that is made anew`,
      );
    }
    if (await fileChanged(spec, recorded)) {
      tools.warn(
        `image '${specOf(spec)}' was made from '${spec.source.file}' as it was then; the file has changed since, and the image keeps what it was made with`,
      );
    }
    return OK;
  },
  act: () => Promise.resolve(),
};

/** A file that is not here, or is not read for its size, is not judged. */
async function fileChanged({ source }: RbdImageSpec, recorded: Creation | undefined): Promise<boolean> {
  if (source.file === undefined || recorded?.file === undefined || recorded.source.file !== source.file) return false;
  const now = await factsNow(source.file);
  return now !== undefined && isOtherFile(recorded.file, now);
}

interface Change {
  readonly prop: string;
  readonly is: string;
  readonly wanted: string;
}

/** What can be seen is compared as it is; the source only shows in the record. */
export function creationChanges(spec: RbdImageSpec, info: ImageInfo, recorded: Creation | undefined): Change[] {
  const { source, objectSize, dataPool, features } = spec;
  const changes: (Change | false)[] = [
    recorded !== undefined &&
      source.seed === undefined &&
      stable(recorded.source) !== stable(source) && {
        prop: "'source'",
        is: stable(recorded.source),
        wanted: stable(source),
      },
    objectSize !== undefined &&
      parseSize(objectSize) !== info.object_size && {
        prop: "'objectSize'",
        is: bytesText(info.object_size),
        wanted: objectSize,
      },
    (dataPool ?? recorded?.dataPool) !== dataPool || (dataPool !== undefined && dataPool !== info.data_pool)
      ? { prop: "'dataPool'", is: `'${info.data_pool ?? 'none'}'`, wanted: `'${dataPool ?? 'none'}'` }
      : false,
    features !== undefined &&
      !features.every((feature) => info.features.includes(feature)) && {
        prop: "'features'",
        is: `'${info.features.join(',')}'`,
        wanted: `'${features.join(',')}'`,
      },
  ];
  return changes.filter((change) => change !== false);
}

export function parseCreation(text: string | undefined, id: string): Creation | undefined {
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as Partial<Creation> | null;
    return record?.id === id && typeof record.source === 'object' ? (record as Creation) : undefined;
  } catch {
    return undefined;
  }
}

/** JSON that does not depend on the order of its keys: Terraform sorts them. */
function stable(source: ImageSourceSpec): string {
  return JSON.stringify(Object.fromEntries(Object.entries(source).sort(([a], [b]) => (a < b ? -1 : 1))));
}
