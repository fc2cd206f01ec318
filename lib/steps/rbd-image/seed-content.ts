import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { RbdImageSpec, SeedSpec } from '../../model';
import { isoImage } from '../../seed/iso';
import { fillTemplate, type SeedTemplate } from '../../seed/template';
import { rbd, inBytes } from '../commands';
import { MARK_KEY } from '../ownership/mark';
import { Refusal, type Tools } from '../tools';
import { createThenRename } from './create-then-rename';
import { nameOf, imageSpecOf, type ImageRef } from './rbd-command';
import { creationParameters } from './import';

/** One RBD object holds all of it, so that new content is written in one go: completely, or not at all. */
export const SEED_BYTES = 4 * 2 ** 20;
/** The content of a seed, as JSON beside the mark; like the mark, it counts only if it names the image itself. */
export const SEED_KEY = `${MARK_KEY}.seed`;
/** The label that cloud-init looks for. */
const LABEL = 'cidata';

export interface SeedRecord {
  readonly id: string;
  readonly seed: SeedSpec;
  /** Of the content, including the values in it. */
  readonly digest: string;
}

/** Undefined if there is no record, or if it belongs to the image that this one was copied from. */
export function parseSeedRecord(text: string | undefined, id: string): SeedRecord | undefined {
  if (text === undefined) return undefined;
  try {
    const record = JSON.parse(text) as Partial<SeedRecord> | null;
    return record?.id === id && typeof record.seed?.files === 'object' ? (record as SeedRecord) : undefined;
  } catch {
    return undefined;
  }
}

/** Creates a missing seed. */
export async function makeSeed(tools: Tools, spec: RbdImageSpec): Promise<void> {
  const content = renderSeed(spec);
  const ceph = tools.ceph(spec.cluster);
  await createThenRename(tools, spec, async (temporary) => {
    const sized = { ...creationParameters(spec), objectSize: SEED_BYTES, size: SEED_BYTES };
    await ceph.createImage({ ...nameOf(temporary), ...sized });
    await writeSeed(tools, temporary, content);
    const image = await ceph.image(nameOf(temporary));
    if (image !== undefined) await recordSeed(tools, spec, temporary, image.id, content);
  });
}

/** The content of a seed's image, byte for byte: its text with the values in place. */
export function renderSeed(spec: RbdImageSpec): Buffer {
  const { seedValues = [], source } = spec;
  const name = imageSpecOf(spec);
  const missing = (source.seed?.variables ?? 0) - seedValues.length;
  if (missing > 0) {
    throw new Refusal(
      `image '${name}': its seed contains ${source.seed?.variables ?? 0} values that only a Terraform apply knows`,
      "apply (if nothing else changes, with '-replace=' and the address of its spec)",
      'seed-variables',
    );
  }
  const image = isoImage(LABEL, fillTemplate(readTemplate(spec), seedValues));
  if (image.length > SEED_BYTES) {
    throw new Refusal(
      `image '${name}': its seed takes ${image.length} bytes, more than the ${SEED_BYTES} that fit`,
      'let the guest fetch what is large',
      'seed-size',
    );
  }
  return Buffer.concat([image, Buffer.alloc(SEED_BYTES - image.length)]);
}

function readTemplate({ seedFile = '', ...image }: RbdImageSpec): SeedTemplate {
  try {
    return JSON.parse(readFileSync(seedFile, 'utf8')) as SeedTemplate;
  } catch (error) {
    // Not the JSON parser's error: it would show a piece of the text.
    const why = (error as NodeJS.ErrnoException).code ?? 'it has changed since synth';
    throw new Refusal(
      `image '${imageSpecOf(image)}': the text of its seed cannot be read from '${seedFile}': ${why}`,
      "synthesize the stack here, as the user who applies it ('cdktf synth')",
      'seed-text',
    );
  }
}

/** Overwrites the content, even while a guest reads it; as a diff, because `rbd import` only creates images. */
export async function writeSeed(tools: Tools, image: ImageRef, content: Buffer): Promise<void> {
  // In pieces of 4 KiB, the default, it would be many writes, and zeros would be skipped.
  const whole = ['--sparse-size', inBytes(SEED_BYTES), '--no-progress'];
  await tools.run(rbd(image.cluster, 'import-diff', ...whole, '-', imageSpecOf(image)), { bytes: diffOf(content) });
}

/** @see https://docs.ceph.com/en/latest/dev/rbd-diff/ */
function diffOf(content: Buffer): Buffer {
  const write = Buffer.alloc(17, 'w');
  write.writeBigUInt64LE(0n, 1);
  write.writeBigUInt64LE(BigInt(content.length), 9);
  return Buffer.concat([Buffer.from('rbd diff v1\n'), write, content, Buffer.from('e')]);
}

export async function recordSeed(
  tools: Tools,
  spec: RbdImageSpec,
  image: ImageRef,
  id: string,
  content: Buffer,
): Promise<void> {
  if (spec.source.seed === undefined) return;
  const record: SeedRecord = { id, seed: spec.source.seed, digest: digestOf(content) };
  const value = JSON.stringify(record);
  await tools.ceph(spec.cluster).setMetadata({ ...nameOf(image), key: SEED_KEY, value });
}

export function digestOf(content: Buffer): string {
  return createHash('sha256').update(content).digest('hex');
}
