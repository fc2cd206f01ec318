import type { CephClientRemoval, CephClientSpec, OwnerSpec } from '../../model';
import { INTENT, optional, readMark, writeMark } from '../ceph-mark';
import { type MonitorAddresses, monitorAddresses } from '../ceph-monitors';
import { ceph } from '../commands';
import { type Mark, type Standing, standing } from '../mark';
import { Seen } from '../seen';
import type { Tools } from '../tools';
import type { Caps } from './caps';

/** The mark of a client. It marks the entity. */
export interface ClientMark extends Mark {
  /** Of its capabilities those that we set. */
  readonly caps: Caps;
  /** The number that asked for the present key. */
  readonly keyGeneration: number;
  /** A random id of the present key, by which a secret knows whether it holds that one; blank while the key is being made. */
  readonly generation: string;
  /** When that key took the place of an earlier one, by the clock of who made it (ISO 8601); absent where none did. */
  readonly since?: string;
}

export interface ClientState {
  mark: ClientMark | undefined;
  /** Undefined: there is no such entity. */
  caps: Caps | undefined;
  readonly monitors: MonitorAddresses;
  /** Grants that are not wanted any more and that something needs all the same; known once it was looked at. */
  needed?: readonly string[];
}

type Named = Pick<CephClientSpec | CephClientRemoval, 'cluster' | 'id'>;

export const seen = new Seen(async (spec: Named, tools: Tools): Promise<ClientState> => {
  const [monitors, mark, caps] = await Promise.all([
    monitorAddresses(spec.cluster, tools),
    readMark<ClientMark>(spec.cluster, markName(spec), tools),
    readCaps(spec, tools),
  ]);
  return { mark, caps, monitors };
});

/** Ceph 16 has no command that tells the capabilities without the key: that is dropped unread. */
async function readCaps(spec: Named, tools: Tools): Promise<Caps | undefined> {
  const text = await optional(ceph(spec.cluster, 'auth', 'get', entityOf(spec), '--format', 'json'), tools);
  if (text === undefined) return undefined;
  const [entity] = JSON.parse(text, (name, value: unknown) => (name === 'key' ? undefined : value)) as { caps: Caps }[];
  return entity?.caps ?? {};
}

export function entityOf({ id }: Pick<Named, 'id'>): string {
  return `client.${id}`;
}

/** Under which its mark is kept. */
export function markName({ id }: Pick<Named, 'id'>): string {
  return `client/${id}`;
}

export function titleOf({ id }: Pick<Named, 'id'>): string {
  return `client '${id}'`;
}

/** How the entity that is there, or the name where there is none, stands to an owner and a token. */
export function standingOf(state: ClientState, spec: Named & { readonly owner: OwnerSpec }, token: string): Standing {
  const { mark } = state;
  const entity = entityOf(spec);
  // An intent that was not given up counts for what was made since: the run that made it was killed before it said so.
  const intended = mark !== undefined && mark.id === INTENT && mark.token !== '';
  return standing(intended ? { ...mark, id: entity } : mark, spec, token, entity);
}

/** Writes the mark, and into what was seen. */
export async function setMark(spec: Named, state: ClientState, mark: ClientMark, tools: Tools): Promise<void> {
  await writeMark(spec.cluster, markName(spec), mark, tools);
  state.mark = mark;
}
