import type { ClusterSpec, HostSpec, Kind, ObjectSpec } from '../model';

/** An object as the synthesized stack wants it. */
export interface Wanted<S extends ObjectSpec = ObjectSpec> {
  readonly name: string;
  readonly kind: Kind;
  readonly spec: S;
}

/** A cluster or a host, with the objects that the stack wants there. */
export interface Place<P> {
  readonly place: P;
  readonly objects: readonly Wanted[];
}

export interface Needs {
  readonly objects: readonly Wanted[];
  readonly clusters: readonly Place<ClusterSpec>[];
  readonly hosts: readonly Place<HostSpec>[];
}

/** The clusters and hosts that a stack needs; one that is reached in several ways counts once for each. */
export function needsOf(objects: readonly Wanted[]): Needs {
  return { objects, clusters: placesOf(objects, 'cluster'), hosts: placesOf(objects, 'host') };
}

export function ofKind<S extends ObjectSpec>(objects: readonly Wanted[], kind: Kind): readonly Wanted<S>[] {
  return objects.filter((one) => one.kind === kind) as readonly Wanted[] as readonly Wanted<never>[];
}

function placesOf<P>(objects: readonly Wanted[], member: 'cluster' | 'host'): Place<P>[] {
  const places = new Map<string, { readonly place: P; readonly objects: Wanted[] }>();
  for (const one of objects) {
    const place = (one.spec as ObjectSpec & { readonly [member in 'cluster' | 'host']?: P })[member];
    if (place === undefined) continue;
    const key = JSON.stringify(place);
    const known = places.get(key) ?? { place, objects: [] };
    known.objects.push(one);
    places.set(key, known);
  }
  return [...places.values()];
}
