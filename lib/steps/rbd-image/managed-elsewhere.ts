import type { Image } from '../../ceph';
import type { RbdImageSpec } from '../../model';
import { commandText } from '../commands';
import { differs, fine, OK, type Step, type Note } from '../step';
import { Refusal } from '../tools';
import { imageSpecOf } from './rbd-command';
import type { ImageWorld } from './observed-image';

type Named = { readonly pool: string; readonly name: string };

/**
 * How Ceph itself, or another manager of the image, restricts it; this is reported, and what it makes impossible is
 * refused.
 */
export const managedElsewhere: Step<RbdImageSpec, ImageWorld> = {
  name: 'check what else manages it',
  describe: () => [],
  judge(spec, { image }) {
    if (image === undefined) return OK;
    refuseReadOnly(spec, image);
    refuseMigrating(spec, image);
    if (strayData(spec, image)) {
      return differs(
        `its data is in the pool '${image.dataPool}', which the code does not name, so that no VM's client has access to it: set 'dataPool'`,
      );
    }
    return fine(...notesOf(spec, image));
  },
  // Not for an apply to repair: the data is there, and a person must decide what the code says.
  act(spec, { image }, tools) {
    const where = `image '${imageSpecOf(spec)}' has its data in '${image?.dataPool}'`;
    return Promise.resolve(
      tools.warn(`${where}: without 'dataPool' in the code, no VM's client has access to that pool`),
    );
  },
};

/** Its data is in a pool that neither the code nor the image's own pool explains. */
export function strayData({ dataPool }: Pick<RbdImageSpec, 'dataPool'>, image: Pick<Image, 'dataPool'>): boolean {
  return dataPool === undefined && image.dataPool !== undefined;
}

/** Checked before an image loses its name: others refer to it by name, or keep a copy that would be removed as well. */
export function refuseManaged(spec: Named, image: Image, doing: string): void {
  const name = imageSpecOf(spec);
  const refusal = (why: string, next: string): Refusal =>
    new Refusal(`image '${name}' cannot be ${doing}: ${why}`, `${next}, then apply again`, 'image-managed');
  refuseMigrating(spec, image);
  if (image.group !== undefined) {
    const group = `${image.group.pool}/${image.group.name}`;
    throw refusal(
      `it is in the group '${group}'`,
      `remove it from the group: '${commandText('rbd', 'group', 'image', 'rm', group, name)}'`,
    );
  }
  if (image.mirroring !== undefined) {
    throw refusal(
      'it is mirrored, and its copy in the other cluster would be deleted too',
      `stop the mirroring: '${commandText('rbd', 'mirror', 'image', 'disable', ...(image.mirroring.primary ? [] : ['--force']), name)}'`,
    );
  }
}

/** Only the mirror may write to the copy of a mirrored image. */
export function refuseReadOnly(spec: Named, image: Image): void {
  if (image.mirroring?.primary !== false) return;
  throw new Refusal(
    `image '${imageSpecOf(spec)}' is the copy of a mirrored image of another cluster, which only the mirror writes to`,
    `manage it there, or make it the primary: '${commandText('rbd', 'mirror', 'image', 'promote', imageSpecOf(spec))}'`,
    'image-mirrored',
  );
}

/**
 * The image's id changes when the migration is committed, but not when it is aborted: until then no mark can name it.
 */
export function refuseMigrating(spec: Named, image: Image): void {
  if (image.migration === undefined && !image.features.includes('migrating')) return;
  throw new Refusal(
    `image '${imageSpecOf(spec)}' is being migrated (${image.migration?.state ?? 'its state is not known'})`,
    `finish that ${migrationEnds(image, imageSpecOf(spec))}, then apply again`,
    'image-migrating',
  );
}

function migrationEnds({ migration }: Image, name: string): string {
  const verbs = migration?.state === 'executed' ? ['commit'] : ['execute', 'commit'];
  const go = verbs.map((verb) => `'${commandText('rbd', 'migration', verb, name)}'`).join(' and ');
  return `with ${go}, or '${commandText('rbd', 'migration', 'abort', name)}'`;
}

function notesOf(spec: Named, { group, mirroring }: Image): Note[] {
  const name = `image '${imageSpecOf(spec)}'`;
  return [
    ...(group === undefined
      ? []
      : [
          {
            say: `${name} is in the group '${group.pool}/${group.name}', which it has to leave before it can be removed`,
          },
        ]),
    ...(mirroring === undefined ? [] : [{ say: `${name} is mirrored, which has to end before it can be removed` }]),
  ];
}
