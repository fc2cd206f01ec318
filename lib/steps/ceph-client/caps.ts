import type { Caps } from '../../ceph';

/** Single grants; each is a daemon type and one part of its capability string: 'osd profile rbd pool=a'. */
type Grants = ReadonlySet<string>;

/** What has to change, and what is ours then. */
export interface CapsChange {
  /** The whole of what the client shall have. */
  readonly next: Caps;
  readonly added: readonly string[];
  readonly removed: readonly string[];
  /** What of `next` we have set: what was there before us stays when our wish for it ends. */
  readonly ours: Caps;
  /** What is ours, if the change is made or not: to be written down before it is made. */
  readonly oursMeanwhile: Caps;
}

/** New = (observed - those we set before) + wanted, grant by grant. */
export function changeCaps(observed: Caps, setBefore: Caps, wanted: Caps): CapsChange {
  const [there, before, wish] = [grantsOf(observed), grantsOf(setBefore), grantsOf(wanted)];
  const added = [...wish].filter((grant) => !there.has(grant));
  const removed = [...there].filter((grant) => before.has(grant) && !wish.has(grant));
  const kept = [...there].filter((grant) => !removed.includes(grant));
  const touched = new Set([...added, ...removed].map(daemonOf));
  // Text of others is not for us to write anew.
  const untouched = Object.entries(observed).filter(([daemon]) => !touched.has(daemon));
  return {
    next: { ...capsOf([...kept, ...added]), ...Object.fromEntries(untouched) },
    added,
    removed,
    ours: capsOf([...[...before].filter((grant) => wish.has(grant)), ...added]),
    oursMeanwhile: capsOf([...before, ...added]),
  };
}

export function sameCaps(a: Caps, b: Caps): boolean {
  const [left, right] = [grantsOf(a), grantsOf(b)];
  return left.size === right.size && [...left].every((grant) => right.has(grant));
}

/** The words of `ceph auth add` and `ceph auth caps`. */
export function capsArguments(caps: Caps): string[] {
  return Object.entries(caps).flatMap(([daemon, text]) => (text ? [daemon, text] : []));
}

/** The same with some grants more. */
export function withGrants(caps: Caps, more: readonly string[]): Caps {
  return capsOf([...grantsOf(caps), ...more]);
}

/** The pool that a grant names, if any. */
export function poolsOf(grant: string): string[] {
  return /\bpool=["']?([\w.-]+)/.exec(grant)?.slice(1) ?? [];
}

/** Ceph separates grants by commas or semicolons; both may stand in quotes. */
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
