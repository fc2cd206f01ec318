import type { RbdImageSpec, SeedSpec } from '../../model';
import { commandText } from '../commands';
import { alwaysAct, differs, OK, type Step, type Judgement } from '../step';
import { Refusal } from '../tools';
import { imageSpecOf } from './rbd-command';
import { seedRecordByHand } from './runbook-seed';
import { reinsertSeedCd } from './reinsert-seed-cd';
import {
  digestOf,
  parseSeedRecord,
  recordSeed,
  renderSeed,
  SEED_KEY,
  writeSeed,
  type SeedRecord,
} from './seed-content';
import type { ImageWorld } from './observed-image';

/** The image under a seed's name must be a seed: seeds are overwritten, so no other image may be taken for one. */
export const checkIsSeed: Step<RbdImageSpec, ImageWorld> = {
  name: 'check that it is a seed',
  describe: () => [],
  judge(spec, world) {
    const found = seedOf(spec, world);
    if (found !== undefined) refuseOther(spec, found.record);
    return OK;
  },
  act: () => Promise.resolve(),
};

export function refuseOther(spec: RbdImageSpec, record: SeedRecord | undefined): void {
  if (record !== undefined) return;
  const name = imageSpecOf(spec);
  throw new Refusal(
    `image '${name}' already exists and is not a seed: its content would be lost`,
    `rename it, '${commandText('rbd', 'mv', name, `${name}-old`)}', or the VM`,
    'not-a-seed',
  );
}

/** Writes the content that the code says; running VMs see it, for their next boot. */
export const writeSeedContent: Step<RbdImageSpec, ImageWorld> = {
  name: 'write its content',
  describe: seedRecordByHand,
  judge(spec, world) {
    const found = seedOf(spec, world);
    return found === undefined || spec.source.seed === undefined ? OK : judgeSeed(spec.source.seed, found.record);
  },
  async act(spec, world, tools) {
    const found = seedOf(spec, world);
    if (found === undefined) return;
    const content = renderSeed(spec);
    const isCurrent = found.record?.digest === digestOf(content);
    if (!isCurrent) {
      await writeSeed(tools, spec, content);
      await reinsertSeedCd(spec, tools);
    }
    // Last, so that after a kill before this the next run does all of it again.
    await recordSeed(tools, spec, spec, found.id, content);
  },
};

interface Found {
  readonly id: string;
  readonly record: SeedRecord | undefined;
}

function seedOf({ source }: RbdImageSpec, { image }: ImageWorld): Found | undefined {
  if (source.seed === undefined || image === undefined) return undefined;
  return { id: image.id, record: parseSeedRecord(image.metadata[SEED_KEY], image.id) };
}

/** Compares hashes of the text without its values; only an apply has these, and compares the text with them. */
export function judgeSeed(wanted: SeedSpec, record: SeedRecord | undefined): Judgement {
  const changed = changedFiles(wanted, record?.seed);
  if (changed.length > 0) return differs(`${changed.join(', ')} changed`);
  return wanted.variables === undefined ? OK : alwaysAct('it may hold an older value of a variable');
}

function changedFiles(wanted: SeedSpec, recorded: SeedSpec | undefined): string[] {
  const names = new Set([...Object.keys(wanted.files), ...Object.keys(recorded?.files ?? {})]);
  return [...names].filter((name) => wanted.files[name] !== recorded?.files[name]).sort();
}
