import type { RbdSnapshotSpec } from '../../model';
import { assureCluster } from '../ceph-monitors';
import { rbd, typed } from '../commands';
import { markFor, ownerText, sameOwner, standing, type Mark, type Standing } from '../mark';
import { removeMeta, setMeta } from '../rbd-image/image';
import { differs, OK, type Step } from '../step';
import { Refusal, ToolError, type Tools } from '../tools';
import { countingMark, imageOf, look, markId, snapshotKey, snapshotSpec, type Found } from './snapshot';

/** What `rbd snap create` ends with where there is one of that name. */
const THERE_ALREADY = 17;

/** The snapshot is there and carries its mark. */
export const presence: Step<RbdSnapshotSpec> = {
  name: 'the snapshot',
  describe: (spec) => [typed('rbd', 'snap', 'create', snapshotSpec(spec))],
  async observe(spec, tools) {
    const found = await lookOrRefuse(spec, tools);
    if (found.snapshot === undefined) {
      await assureCluster(`snapshot '${snapshotSpec(spec)}'`, spec.cluster, tools);
      return differs(`snapshot '${snapshotSpec(spec)}' is missing`);
    }
    const id = markId(found.imageId, found.snapshot);
    if (
      found.mark?.id === id &&
      sameOwner(found.mark.owner, spec.owner) &&
      standing(found.mark, spec, spec.registry, id) === 'ours'
    )
      return OK;
    refuseOthers(spec, standingOf(spec, found), found.mark);
    return differs('it does not carry the mark of this entry');
  },
  async act(spec, tools) {
    const found = await lookOrRefuse(spec, tools);
    if (found.snapshot === undefined) return make(spec, found, tools);
    const stands = standingOf(spec, found);
    refuseOthers(spec, stands, found.mark);
    if (stands === 'ours-other-token') {
      tools.warn(
        `snapshot '${snapshotSpec(spec)}' is taken back from the entry '${found.mark?.token}' of another or lost state of this stack`,
      );
    }
    await mark(spec, markId(found.imageId, found.snapshot), tools);
  },
};

async function make(spec: RbdSnapshotSpec, found: Found, tools: Tools): Promise<void> {
  if (found.mark !== undefined && found.mark.id.startsWith(`${found.imageId}:`) && !found.mark.id.endsWith(':')) {
    tools.warn(`snapshot '${snapshotSpec(spec)}' was there before and is gone: the new one holds the data of now`);
  }
  await mark(spec, markId(found.imageId, undefined), tools);
  await create(spec, tools);
  const { snapshot } = await lookOrRefuse(spec, tools);
  if (snapshot === undefined)
    throw new Error(`snapshot '${snapshotSpec(spec)}' went away while it was made; apply again`);
  await mark(spec, markId(found.imageId, snapshot), tools);
}

/** One that somebody made in the moment since the look is not what the intent meant: it would count as ours. */
async function create(spec: RbdSnapshotSpec, tools: Tools): Promise<void> {
  const command = rbd(spec.cluster, 'snap', 'create', '--no-progress', snapshotSpec(spec));
  const outcome = await tools.attempt(command);
  if (outcome.exitCode === 0) return;
  if (outcome.exitCode !== THERE_ALREADY) throw new ToolError(command, outcome);
  await removeMeta(tools, imageOf(spec), snapshotKey(spec));
  refuseOthers(spec, 'unmarked', undefined);
}

async function mark(spec: RbdSnapshotSpec, id: string, tools: Tools): Promise<void> {
  await setMeta(tools, imageOf(spec), snapshotKey(spec), markFor(spec, id));
}

async function lookOrRefuse(spec: RbdSnapshotSpec, tools: Tools): Promise<Found> {
  const found = await look(tools, spec);
  if (found !== undefined) return found;
  throw new Refusal(
    `snapshot '${snapshotSpec(spec)}' cannot be made: image '${spec.pool}/${spec.image}' is missing`,
    'bring the image back, or take the snapshot out',
  );
}

function standingOf(spec: RbdSnapshotSpec, found: Found): Standing {
  return standing(countingMark(found), spec, spec.registry, markId(found.imageId, found.snapshot));
}

function refuseOthers(spec: RbdSnapshotSpec, stands: Standing, found: Mark | undefined): void {
  if (stands === 'ours' || stands === 'ours-other-token' || stands === 'released-by-us') return;
  const whose =
    stands === 'unmarked' || found === undefined
      ? 'and was not made by us'
      : `and belongs to ${ownerText(found.owner)}`;
  const name = snapshotSpec(spec);
  throw new Refusal(
    `snapshot '${name}' is there already ${whose}`,
    `use it by RbdSnapshot.fromSnapshotName, or free the name: '${typed('rbd', 'snap', 'rename', name, `${name}-old`)}'`,
  );
}
