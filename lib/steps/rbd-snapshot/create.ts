import { EEXIST, isCephError } from '../../ceph';
import type { RbdSnapshotSpec } from '../../model';
import { commandText } from '../commands';
import { markFor, sameOwner, ownershipOf, type Mark, type Ownership } from '../ownership/mark';
import { refuseOthers, takenBack } from '../ownership/refusal';
import { nameOf } from '../rbd-image/rbd-command';
import { refuseMigrating, refuseReadOnly } from '../rbd-image/managed-elsewhere';
import { differs, OK, type Step } from '../step';
import { Refusal, type Tools } from '../tools';
import { snapshotByHand } from './runbook-lines';
import {
  countingMark,
  imageOf,
  look,
  markId,
  snapshotKey,
  snapshotSpec,
  type Found,
  type SnapshotWorld,
} from './lookup';
import { refuseMovedMark } from './moved-mark';

/** The snapshot is there and carries its mark. */
export const create: Step<RbdSnapshotSpec, SnapshotWorld> = {
  name: 'create it',
  describe: snapshotByHand,
  judge(spec, world) {
    const found = withImage(spec, world);
    const { image, snapshot, mark } = found;
    const id = markId(image, snapshot);
    const ours =
      ownershipOf(mark, spec, spec.entryId, id) === 'ours' && sameOwner(mark?.owner ?? spec.owner, spec.owner);
    if (snapshot !== undefined && ours && mark?.id === id) return OK;
    refuseMigrating(imageOf(spec), image);
    refuseReadOnly(imageOf(spec), image);
    if (snapshot === undefined) return differs(`snapshot '${snapshotSpec(spec)}' is missing`);
    refuseMovedMark(spec, found, spec.entryId);
    const ownership = ownershipIn(spec, found);
    refuse(spec, ownership, mark);
    const notes = takenBack(`snapshot '${snapshotSpec(spec)}'`, { mark, ownership });
    return differs('it does not carry the mark of this entry', ...notes);
  },
  async act(spec, world, tools) {
    const found = withImage(spec, world);
    if (found.snapshot === undefined) return make(spec, found, tools);
    await mark(spec, markId(found.image, found.snapshot), tools);
  },
};

async function make(spec: RbdSnapshotSpec, { image, mark: before }: Found, tools: Tools): Promise<void> {
  if (before !== undefined && before.id.startsWith(`${image.id}:`) && !before.id.endsWith(':')) {
    tools.warn(`snapshot '${snapshotSpec(spec)}' existed before and no longer does: the new one has the current data`);
  }
  await mark(spec, markId(image, undefined), tools);
  await createOrRefuseExisting(spec, tools);
  const { snapshot } = await look(spec, tools);
  if (snapshot === undefined)
    throw new Refusal(
      `snapshot '${snapshotSpec(spec)}' disappeared while it was being created`,
      'apply again',
      'vanished',
    );
  await mark(spec, markId(image, snapshot), tools);
}

/** A snapshot that was made since the look is not the intended one, but would count as ours. */
async function createOrRefuseExisting(spec: RbdSnapshotSpec, tools: Tools): Promise<void> {
  const ceph = tools.ceph(spec.cluster);
  const image = nameOf(imageOf(spec));
  try {
    await ceph.createSnapshot({ ...image, snapshot: spec.name });
  } catch (error) {
    if (!isCephError(error, EEXIST)) throw error;
    await ceph.removeMetadata({ ...image, key: snapshotKey(spec) });
    refuse(spec, 'unmarked', undefined);
  }
}

async function mark(spec: RbdSnapshotSpec, id: string, tools: Tools): Promise<void> {
  const text = { ...nameOf(imageOf(spec)), key: snapshotKey(spec), value: JSON.stringify(markFor(spec, id)) };
  await tools.ceph(spec.cluster).setMetadata(text);
}

function withImage(spec: RbdSnapshotSpec, world: SnapshotWorld): Found {
  if (world.image !== undefined) return { ...world, image: world.image };
  throw new Refusal(
    `snapshot '${snapshotSpec(spec)}' cannot be created: image '${spec.pool}/${spec.image}' is missing`,
    'restore the image, or remove the snapshot from the code',
    'image-missing',
  );
}

function ownershipIn(spec: RbdSnapshotSpec, found: Found): Ownership {
  return ownershipOf(countingMark(found), spec, spec.entryId, markId(found.image, found.snapshot));
}

function refuse(spec: RbdSnapshotSpec, ownership: Ownership, mark: Mark | undefined): void {
  const name = snapshotSpec(spec);
  const free = `use it with RbdSnapshot.fromSnapshotName, or free the name: '${commandText('rbd', 'snap', 'rename', name, `${name}-old`)}'`;
  refuseOthers({ ...{ title: `snapshot '${name}'`, mark, ownership }, whereHeld: free, whereUnheld: free });
}
