import type { Caps } from '../../ceph';

/** Single grants; each is a daemon type and one part of its capability string: 'osd profile rbd pool=a'. */
type Grants = ReadonlySet<string>;

/** What has to change, and which grants are then ours. */
export interface CapsChange {
  /** All capabilities that the client is to have. */
  readonly next: Caps;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** Those grants of `next` that we set: a grant that existed before us stays when the code no longer wants it. */
  readonly ours: Caps;
  /** Our grants, whether the change is made or not: recorded before it is made. */
  readonly oursMeanwhile: Caps;
}

/** New = (observed - those that we set before) + wanted, grant by grant. */
export function changeCaps(observed: Caps, setBefore: Caps, wanted: Caps): CapsChange {
  const [present, setEarlier, desired] = [grantsOf(observed), grantsOf(setBefore), grantsOf(wanted)];
  const added = [...desired].filter((grant) => !present.has(grant));
  const removed = [...present].filter((grant) => setEarlier.has(grant) && !desired.has(grant));
  const kept = [...present].filter((grant) => !removed.includes(grant));
  const touched = new Set([...added, ...removed].map(daemonOf));
  // We do not rewrite what others wrote.
  const untouched = Object.entries(observed).filter(([daemon]) => !touched.has(daemon));
  return {
    next: { ...capsOf([...kept, ...added]), ...Object.fromEntries(untouched) },
    added,
    removed,
    ours: capsOf([...[...setEarlier].filter((grant) => desired.has(grant)), ...added]),
    oursMeanwhile: capsOf([...setEarlier, ...added]),
  };
}

export function sameCaps(a: Caps, b: Caps): boolean {
  const [left, right] = [grantsOf(a), grantsOf(b)];
  return left.size === right.size && [...left].every((grant) => right.has(grant));
}

/** The arguments of `ceph auth add` and `ceph auth caps`. */
export function capsArguments(caps: Caps): string[] {
  return Object.entries(caps).flatMap(([daemon, text]) => (text ? [daemon, text] : []));
}

/** The same with additional grants. */
export function withGrants(caps: Caps, more: readonly string[]): Caps {
  return capsOf([...grantsOf(caps), ...more]);
}

/** The pool that a grant names, if any. */
export function poolsOf(grant: string): string[] {
  return /\bpool=["']?([\w.-]+)/.exec(grant)?.slice(1) ?? [];
}

/** Ceph separates grants by commas or semicolons; both may occur inside quotes. */
export function grantsOf(caps: Caps): Grants {
  const grants = Object.entries(caps).flatMap(([daemon, text = '']) =>
    (text.match(/(?:"[^"]*"|'[^']*'|[^,;"'])+/g) ?? [])
      .map((grant) => grant.trim().replace(/\s+/g, ' '))
      .filter((grant) => grant !== '')
      .map((grant) => `${daemon} ${grant}`),
  );
  return new Set(grants);
}

const daemonOf = (grant: string): string => grant.slice(0, grant.indexOf(' '));

function capsOf(grants: readonly string[]): Caps {
  const caps: { [daemon: string]: string } = {};
  for (const grant of new Set(grants)) {
    const [, daemon = '', text = ''] = /^(\S+) (.*)$/s.exec(grant) ?? [];
    caps[daemon] = caps[daemon] === undefined ? text : `${caps[daemon]}, ${text}`;
  }
  return caps;
}
