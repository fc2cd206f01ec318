import { type ClusterSpec, NAME_FORMS } from '../model';
import { ceph, rbd } from '../steps/commands';
import { parseMark } from '../steps/ownership/mark';
import { imageNames } from '../steps/rbd-image/rbd-command';
import { trashKey } from '../steps/rbd-image/look-in-trash';
import { Refusal, ToolError, type Tools } from '../steps/tools';
import { onCluster } from '../exec/unreachable-monitors';
import { ownerOrDash, type Result, type Session } from './command-session';
import { table } from './table';
import { type TrashPool, trashPoolsOf } from './trash-pools';

/** An image that one of our removals moved to the trash. */
export interface Trashed {
  readonly pool: string;
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  /** As `rbd` prints it: "protected until ...", "expired at ...". */
  readonly status: string;
}

/** The images in the trash of a pool, or of all pools that the stack uses. */
export async function trashList(session: Session, pool?: string): Promise<Result> {
  const found = (await lookIn(session, pool)).map(({ trashed }) => trashed);
  const rows = found.map((one) => [`${one.pool}/${one.id}`, one.name, one.status, one.owner]);
  const none = [`no image of ours is in the trash of ${pool ?? 'any pool that the stack uses'}`];
  return { json: found, lines: rows.length === 0 ? none : table(['ID', 'NAME', 'STATUS', 'OWNER'], rows) };
}

/**
 * Restores an image, under its own name or another; never over an existing one. The mark of the trash stays: it tells
 * the next apply where the image comes from, and that apply removes it.
 */
export async function trashRestore(session: Session, text: string, name?: string): Promise<Result> {
  if (name !== undefined && !NAME_FORMS.cephName.pattern.test(name))
    throw new Refusal(`'${name}' is not a valid image name`, `it must be ${NAME_FORMS.cephName.rule}`, 'name-form');
  const { tools } = session;
  const { cluster, trashed } = await findTrashed(session, text);
  const { pool, id } = trashed;
  const wanted = name ?? trashed.name;
  const image = `${pool}/${wanted}`;
  return onCluster(cluster, tools, () =>
    tools.withLock({ cluster, pool, image: wanted }, async () => {
      if ((await imageNames(tools, cluster, pool)).includes(wanted)) {
        throw new Refusal(`image '${image}' already exists`, 'give another name with --name', 'name-taken');
      }
      await session.untilDone(() => tools.run(rbd(cluster, 'trash', 'restore', '--image', wanted, `${pool}/${id}`)));
      return { json: { ...trashed, image }, lines: [`image '${image}' is restored`] };
    }),
  );
}

async function findTrashed(session: Session, text: string): Promise<Found> {
  const [, pool, id] = /^([^/]+)\/([^/]+)$/.exec(text) ?? [];
  if (pool === undefined || id === undefined) {
    throw new Refusal(`'${text}' is not POOL/ID`, "'trash list' shows them", 'not-in-trash');
  }
  const [found, ...more] = (await lookIn(session, pool)).filter(({ trashed }) => trashed.id === id);
  if (found === undefined) {
    throw new Refusal(
      `no image of ours with the id '${id}' is in the trash of '${pool}'`,
      "'trash list' shows them",
      'not-in-trash',
    );
  }
  if (more.length > 0) {
    throw new Refusal(
      `'${text}' is in the trash of several clusters`,
      "restore it there, with 'rbd trash restore'",
      'not-in-trash',
    );
  }
  return found;
}

export function parseTrash(listed: string, marks: string, pool: string): Trashed[] {
  const texts = JSON.parse(marks || '{}') as { [key: string]: string };
  const entries = JSON.parse(listed || '[]') as { id: string; name: string; status: string }[];
  return entries.flatMap(({ id, name, status }) => {
    const mark = parseMark(texts[trashKey(pool, id)]);
    return mark?.id === id ? [{ pool, id, name, owner: ownerOrDash(mark.owner), status }] : [];
  });
}

interface Found {
  readonly cluster: ClusterSpec;
  readonly trashed: Trashed;
}

async function lookIn(session: Session, pool: string | undefined): Promise<Found[]> {
  const { tools } = session;
  const found: Found[] = [];
  let pools = 0;
  for (const one of trashPoolsOf(await session.objects(), pool)) {
    const all = await onCluster(one.cluster, tools, () => trashedIn(one, tools));
    if (all === undefined) continue;
    pools++;
    found.push(...all.map((trashed) => ({ cluster: one.cluster, trashed })));
  }
  if (pools > 0) return found;
  throw pool === undefined
    ? new Refusal('the stack uses no pool', "name one: 'trash list POOL'", 'pool-unknown')
    : new Refusal(`no cluster of the stack has a pool '${pool}'`, "'ceph osd pool ls' lists the pools", 'pool-unknown');
}

/** Undefined if the cluster has no such pool. */
async function trashedIn({ cluster, pool }: TrashPool, tools: Tools): Promise<Trashed[] | undefined> {
  const list = rbd(cluster, 'trash', 'ls', '--all', '--long', '--format', 'json', pool);
  const listed = await tools.attempt(list);
  if (/error opening pool.*\(2\)|pool .* does not exist/.test(listed.stderr)) return undefined;
  if (listed.exitCode !== 0) throw new ToolError(list, listed);
  const marks = await tools.run(ceph(cluster, 'config-key', 'dump', trashKey(pool, ''), '--format', 'json'));
  return parseTrash(listed.stdout, marks, pool);
}
