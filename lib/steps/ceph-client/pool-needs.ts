import { type ImageUse, isCephError, isPoolMissing } from '../../ceph';
import type { CephClientSpec } from '../../model';
import type { Tools } from '../tools';
import { watchersText } from '../watchers';
import { poolsOf } from './caps';

/** Why a client needs a pool, as far as its images show. Images that are only read leave no trace, except parents. */
export class PoolNeeds {
  /** The pools whose images the client can use. */
  public readonly readable: Set<string>;
  private readonly looked = new Map<string, ReturnType<typeof usesIn>>();

  /** `left`: its grants without those to be revoked. */
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
      if (!(error instanceof Unknown) && !isCephError(error)) throw error;
      return `it is unknown what needs it ('${error instanceof Unknown ? error.message : error.said}')`;
    }
  }

  private async parentIn(pool: string): Promise<string | undefined> {
    if (this.left.has(`osd profile rbd-read-only pool=${pool}`)) return undefined;
    for (const other of this.readable) {
      for (const use of await this.uses(other)) {
        const parent = 'error' in use ? undefined : use.parents.find((one) => one.pool === pool);
        if (parent) return `image '${other}/${use.name}' is a clone of '${pool}/${parent.image}'`;
      }
    }
    return undefined;
  }

  private async dataIn(pool: string): Promise<string | undefined> {
    for (const other of this.readable) {
      const use = (await this.uses(other)).map(known).find(({ dataPool }) => dataPool === pool);
      if (use) return `image '${other}/${use.name}' has its data in '${pool}'`;
    }
    return undefined;
  }

  private async openIn(pool: string): Promise<string | undefined> {
    const open = (await this.uses(pool)).map(known).filter(({ watchers }) => watchers.length > 0);
    if (open.length === 0) return undefined;
    const ceph = this.tools.ceph(this.spec.cluster);
    const connected = (await ceph.sessions({ entity: `client.${this.spec.id}` })).map(({ client }) => client);
    for (const { name, watchers } of open) {
      const its = watchers.filter(({ client }) => connected.includes(client));
      if (its.length > 0) return `image '${pool}/${name}' is open by ${watchersText(its)}`;
    }
    return undefined;
  }

  private uses(pool: string) {
    const looked = this.looked.get(pool) ?? usesIn(this.spec, pool, this.tools);
    this.looked.set(pool, looked);
    return looked;
  }
}

type Use = ImageUse | { readonly name: string; readonly error: string };

/** An image could not be opened, so neither its users nor its parent are known. */
class Unknown extends Error {}

function known(use: Use): ImageUse {
  if ('error' in use) throw new Unknown(use.error);
  return use;
}

/** Empty if there is no such pool. */
async function usesIn(spec: CephClientSpec, pool: string, tools: Tools): Promise<readonly Use[]> {
  try {
    return await tools.ceph(spec.cluster).imagesInUse({ pool });
  } catch (error) {
    if (isPoolMissing(error)) return [];
    throw error;
  }
}
