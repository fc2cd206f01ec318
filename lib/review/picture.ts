import type { PlannedObject } from './objects';
import { valuesOf } from './values';
import type { Item, Node } from './review-types';

/** Nobody reads more nodes than this: the picture then shows only what changes, and what that touches. */
const READABLE = 40;

/** Hosts, VMs, images, their parents and pools, and what uses what. */
export function picture(objects: readonly PlannedObject[], items: readonly Item[]): Node[] {
  const nodes = objects.flatMap(nodeOf);
  const known = new Set(nodes.map(({ id }) => id));
  const linked = nodes.map((one) => ({ ...one, uses: one.uses.filter((id) => known.has(id)) }));
  const sorted = linked.sort((a, b) => (a.id < b.id ? -1 : 1));
  if (sorted.length <= READABLE) return sorted;
  const changed = new Set(items.map(({ what, name, place }) => idOf(what, name, place)));
  const near = new Set(
    sorted.flatMap(({ id, uses }) =>
      changed.has(id) ? [id, ...uses] : uses.some((one) => changed.has(one)) ? [id] : [],
    ),
  );
  return sorted.filter(({ id }) => near.has(id)).slice(0, READABLE);
}

/** What an item and its node have in common. */
export function idOf(what: string, name: string, place: string | undefined): string {
  return `${what} ${what === 'VM' ? `${place ?? ''} ` : ''}${name}`;
}

const CHANGES: { readonly [actions: string]: Node['change'] } = { create: 'new', delete: 'leaves' };

function nodeOf({ kind, scope, key, spec, entry }: PlannedObject): Node[] {
  const change = CHANGES[entry?.change.actions.join() ?? ''];
  const fields = valuesOf(valuesOf(spec?.change.after ?? spec?.change.before)['triggers_replace']);
  if (kind === 'domain') {
    const images = Object.values(valuesOf(fields['disks'])).map((disk) => String(valuesOf(disk)['image']));
    return [
      {
        id: idOf('VM', key, scope),
        what: 'VM',
        name: key,
        place: scope,
        change,
        uses: images.map((one) => idOf('image', one, '')),
      },
    ];
  }
  if (kind === 'rbd-image') {
    const { clone, snapshot } = valuesOf(fields['source']);
    const parents = [clone, snapshot].flatMap((one) => (typeof one === 'string' ? [one.replace(/@.*$/, '')] : []));
    const uses = [...parents.map((one) => idOf('image', one, '')), idOf('pool', key.replace(/\/.*$/, ''), '')];
    return [{ id: idOf('image', key, ''), what: 'image', name: key, change, uses }];
  }
  return kind === 'ceph-pool' ? [{ id: idOf('pool', key, ''), what: 'pool', name: key, change, uses: [] }] : [];
}
