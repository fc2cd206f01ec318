import type { Image } from '../../ceph';
import { bytesText, type ImageSourceSpec, parseSize, type RbdImageSpec } from '../../model';
import { fine, OK, type Step } from '../step';
import { recordByHand } from './runbook-lines';
import { SOURCE_KEY, imageSpecOf } from './rbd-command';
import { factsNow, isOtherFile, type FileFacts } from './source-file';
import type { ImageWorld } from './observed-image';

/**
 * What an image was created with, stored beside its mark. Like the mark, it counts only if it names the image itself.
 */
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

/** Read once, at creation: a later change of these does nothing to the image, and is reported. */
export const creationRecord: Step<RbdImageSpec, ImageWorld> = {
  name: 'check what it was created with',
  describe: (spec) => recordByHand(spec, creationOf(spec, '')),
  judge(spec, { image, sourceChanged }) {
    if (image === undefined) return OK;
    const name = `image '${imageSpecOf(spec)}'`;
    const told = creationChanges(spec, image, recordOf(image)).map(
      ({ prop, is, wanted }) =>
        `${name} was created with ${prop} ${is} and keeps it; ${wanted} takes effect only when it is recreated`,
    );
    if (sourceChanged) {
      const then = `${name} was created from '${spec.source.file}', which has changed since`;
      told.push(`${then}; the image keeps its content`);
    }
    return fine(...told.map((warn) => ({ warn })));
  },
  act: () => Promise.resolve(),
};

/** A file that is missing here, or too large to read, is not judged. */
export async function isSourceChanged({ source }: RbdImageSpec, image: Image): Promise<boolean> {
  const recorded = recordOf(image);
  if (source.file === undefined || recorded?.file === undefined || recorded.source.file !== source.file) return false;
  const now = await factsNow(source.file);
  return now !== undefined && isOtherFile(recorded.file, now);
}

function recordOf(image: Pick<Image, 'id' | 'metadata'>): Creation | undefined {
  return parseCreation(image.metadata[SOURCE_KEY], image.id);
}

interface Change {
  readonly prop: string;
  readonly is: string;
  readonly wanted: string;
}

/** What Ceph shows is compared as it is; the source is only in the record. */
export function creationChanges(
  spec: RbdImageSpec,
  image: Pick<Image, 'objectSize' | 'dataPool' | 'features'>,
  recorded: Creation | undefined,
): Change[] {
  const { source, objectSize, features } = spec;
  // If the image's own pool is named as its data pool, it has no separate data pool.
  const [dataPool, before] = [spec.dataPool, recorded?.dataPool].map((one) => (one === spec.pool ? undefined : one));
  const changes: (Change | false)[] = [
    recorded !== undefined &&
      source.seed === undefined &&
      stable(recorded.source) !== stable(source) && {
        prop: "'source'",
        is: stable(recorded.source),
        wanted: stable(source),
      },
    objectSize !== undefined &&
      parseSize(objectSize) !== image.objectSize && {
        prop: "'objectSize'",
        is: bytesText(image.objectSize),
        wanted: objectSize,
      },
    (dataPool ?? before) !== dataPool || (dataPool !== undefined && dataPool !== image.dataPool)
      ? { prop: "'dataPool'", is: `'${image.dataPool ?? 'none'}'`, wanted: `'${dataPool ?? 'none'}'` }
      : false,
    features !== undefined &&
      !features.every((feature) => image.features.includes(feature)) && {
        prop: "'features'",
        is: `'${image.features.join(',')}'`,
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

/** JSON that does not depend on the order of keys: Terraform sorts them. */
function stable(source: ImageSourceSpec): string {
  return JSON.stringify(Object.fromEntries(Object.entries(source).sort(([a], [b]) => (a < b ? -1 : 1))));
}
