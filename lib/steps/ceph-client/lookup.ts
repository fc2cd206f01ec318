import type { Caps } from '../../ceph';
import type { CephClientRemoval, CephClientSpec, OwnerSpec } from '../../model';
import { INTENT, readMark, writeMark } from '../ownership/config-key';
import { type MonitorAddresses, monitorAddresses } from '../ceph-monitors';
import { type Mark, type Ownership, ownershipOf } from '../ownership/mark';
import type { Tools } from '../tools';
import { type CapsChange, changeCaps, withGrants } from './caps';
import { type GrantsInUse, grantsInUse, NONE_IN_USE } from './grants-in-use';

/** The mark of a client; it names the entity. */
export interface ClientMark extends Mark {
  /** Those of its capabilities that we set. */
  readonly caps: Caps;
  /** The `keyGeneration` for which the current key was made. */
  readonly keyGeneration: number;
  /** A random id of the current key, by which a secret is known to hold it; blank while the key is being created. */
  readonly keyId: string;
  /**
   * When that key replaced an earlier one, by the clock of the machine that made it (ISO 8601); absent for a first key.
   */
  readonly since?: string;
}

/** The client as a removal sees it. */
export interface ClientWorld {
  readonly monitors: MonitorAddresses;
  readonly mark: ClientMark | undefined;
  /** Undefined: there is no such entity. */
  readonly caps: Caps | undefined;
}

/** The same for `ensure`. */
export interface WantedClientWorld extends ClientWorld {
  /** Grants that are no longer wanted but that something still needs. */
  readonly inUse: GrantsInUse;
}

type Named = Pick<CephClientSpec | CephClientRemoval, 'cluster' | 'id'>;

export async function observe(spec: Named, tools: Tools): Promise<ClientWorld> {
  const [monitors, mark, caps] = await Promise.all([
    monitorAddresses(spec.cluster, tools),
    readMark<ClientMark>(spec.cluster, markName(spec), tools),
    tools.ceph(spec.cluster).clientCaps({ entity: entityOf(spec) }),
  ]);
  return { monitors, mark, caps };
}

/** What needs a grant is looked up only if one would be revoked. */
export async function observeWanted(spec: CephClientSpec, tools: Tools): Promise<WantedClientWorld> {
  const world = await observe(spec, tools);
  const change = changeCaps(world.caps ?? {}, world.mark?.caps ?? {}, spec.caps);
  const inUse = change.removed.length === 0 ? NONE_IN_USE : await grantsInUse(spec, change, tools);
  return { ...world, inUse };
}

/**
 * What has to change in the capabilities of an existing client. Grants follow the code, but an image keeps the parent
 * and the data pool with which it was created, and a VM keeps its disks until its next boot: the grants that these need
 * stay, and stay ours.
 */
export function changeOf(spec: CephClientSpec, { caps = {}, mark, inUse }: WantedClientWorld): CapsChange {
  return changeCaps(caps, mark?.caps ?? {}, withGrants(spec.caps, inUse.grants));
}

export function entityOf({ id }: Pick<Named, 'id'>): string {
  return `client.${id}`;
}

/** The key under which its mark is kept. */
export function markName({ id }: Pick<Named, 'id'>): string {
  return `client/${id}`;
}

export function titleOf({ id }: Pick<Named, 'id'>): string {
  return `client '${id}'`;
}

/** Who owns the entity, or its name if there is no entity, seen from an owner and an entry id. */
export function ownershipIn(
  { mark }: Pick<ClientWorld, 'mark'>,
  spec: Named & { readonly owner: OwnerSpec },
  entryId: string,
): Ownership {
  const entity = entityOf(spec);
  // An intent counts for what was created after it: the run that created it was killed before it could complete the
  // mark.
  const intended = mark !== undefined && mark.id === INTENT && mark.entryId !== '';
  return ownershipOf(intended ? { ...mark, id: entity } : mark, spec, entryId, entity);
}

export function setMark(spec: Named, mark: ClientMark, tools: Tools): Promise<void> {
  return writeMark(spec.cluster, markName(spec), mark, tools);
}
