import type { Tools } from './tools';

/**
 * What a run has seen of an object, so that its steps need not ask again: a `ceph` call takes half a second. A step that
 * changes something writes into what was seen; the first step of a list asks afresh.
 */
export class Seen<S extends object, T> {
  private readonly known = new WeakMap<Tools, WeakMap<S, T>>();

  constructor(private readonly look: (spec: S, tools: Tools) => Promise<T>) {}

  public async afresh(spec: S, tools: Tools): Promise<T> {
    const seen = await this.look(spec, tools);
    const ofTools = this.known.get(tools) ?? new WeakMap<S, T>();
    this.known.set(tools, ofTools.set(spec, seen));
    return seen;
  }

  public async get(spec: S, tools: Tools): Promise<T> {
    return this.known.get(tools)?.get(spec) ?? this.afresh(spec, tools);
  }
}
