import type { CephClientSpec } from '../../model';
import { ToolError, type Tools } from '../tools';
import { watchersText } from '../watchers';
import { type CapsChange, changeCaps, grantsOf, poolsOf, withGrants } from './caps';
import { dataPoolsOf, rowsOf, watchersOf } from './pool-images';
import { connectedAs } from './sessions';
import { type ClientState, entityOf, titleOf } from './state';

/**
 * What has to change in the capabilities of a client that is there. Grants follow the code, but an image keeps the parent
 * and the data pool that it was made with, and a VM its disks until its next boot: what these need stays, and stays ours.
 */
export async function changeOf(spec: CephClientSpec, state: ClientState, tools: Tools): Promise<CapsChange> {
  const { caps = {}, mark } = state;
  const asWanted = changeCaps(caps, mark?.caps ?? {}, spec.caps);
  if (asWanted.removed.length === 0) return asWanted;
  state.needed ??= await neededOf(spec, asWanted, tools);
  return changeCaps(caps, mark?.caps ?? {}, withGrants(spec.caps, state.needed));
}

/** Of the grants that are to go those that something needs; why is said. */
async function neededOf(spec: CephClientSpec, { removed, next }: CapsChange, tools: Tools): Promise<readonly string[]> {
  const needs = new Needs(spec, grantsOf(next), tools);
  const needed: string[] = [];
  const pools = new Set(removed.flatMap(poolsOf));
  // What stays for one pool lets the client use images that may need another one.
  for (let before = -1; before < needed.length;) {
    before = needed.length;
    for (const pool of pools) {
      const why = await needs.why(pool);
      if (why === undefined) continue;
      const stays = removed.filter((grant) => poolsOf(grant).includes(pool));
      tools.say(`${titleOf(spec)}: '${stays.join("' and '")}' is no longer wanted and stays as long as ${why}`);
      needed.push(...stays);
      needs.readable.add(pool);
      pools.delete(pool);
    }
  }
  return needed;
}

/** Why a client needs a pool, as far as its images tell. What is only read is seen by nobody, parents aside. */
class Needs {
  /** The pools whose images it can use. */
  public readonly readable: Set<string>;
  private readonly rows = once((pool) => rowsOf(this.spec.cluster, pool, this.tools));
  private readonly dataPools = once((pool) => dataPoolsOf(this.spec.cluster, pool, this.tools));

  /** `left`: its grants but those that are to go. */
  constructor(
    private readonly spec: CephClientSpec,
    private readonly left: ReadonlySet<string>,
    private readonly tools: Tools,
  ) {
    this.readable = new Set([...left].filter((grant) => grant.startsWith('osd ')).flatMap(poolsOf));
  }

  public async why(pool: string): Promise<string | undefined> {
    if (this.left.has(`osd profile rbd pool=${pool}`)) return undefined;
    try {
      return (await this.parentIn(pool)) ?? (await this.dataIn(pool)) ?? (await this.openIn(pool));
    } catch (error) {
      if (!(error instanceof ToolError)) throw error;
      return `it cannot be told what needs it ('${error.outcome.stderr.trim().split('\n').at(-1) ?? ''}')`;
    }
  }

  private async parentIn(pool: string): Promise<string | undefined> {
    if (this.left.has(`osd profile rbd-read-only pool=${pool}`)) return undefined;
    for (const other of this.readable) {
      const child = (await this.rows(other)).find(({ parent }) => parent?.pool === pool);
      if (child) return `image '${other}/${child.image}' is a clone of '${pool}/${child.parent?.image ?? ''}'`;
    }
    return undefined;
  }

  private async dataIn(pool: string): Promise<string | undefined> {
    for (const other of this.readable) {
      const [image] = (await this.dataPools(other)).find(([, dataPool]) => dataPool === pool) ?? [];
      if (image !== undefined) return `image '${other}/${image}' has its data in '${pool}'`;
    }
    return undefined;
  }

  private async openIn(pool: string): Promise<string | undefined> {
    const { cluster } = this.spec;
    const open = (await watchersOf(cluster, pool, this.tools)).filter(([, watchers]) => watchers.length > 0);
    if (open.length === 0) return undefined;
    const connected = await connectedAs(cluster, entityOf(this.spec), this.tools);
    for (const [image, watchers] of open) {
      const its = watchers.filter(({ client }) => connected.has(client));
      if (its.length > 0) return `image '${pool}/${image}' is open by ${watchersText(its)}`;
    }
    return undefined;
  }
}

function once<T>(look: (pool: string) => Promise<T>): (pool: string) => Promise<T> {
  const seen = new Map<string, Promise<T>>();
  return (pool) => {
    const known = seen.get(pool) ?? look(pool);
    seen.set(pool, known);
    return known;
  };
}
