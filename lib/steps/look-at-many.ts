import { randomUUID } from 'node:crypto';
import type { HostSpec } from '../model';
import { virsh } from './commands';
import { ToolError, type Tools } from './tools';

/** The place where a VM is looked for. */
export interface DomainPlace {
  readonly host: HostSpec;
  readonly name: string;
}

/** VMs per call of virsh: the whole script is one argument, whose length is limited. */
const PER_CALL = 50;
/** Parallel calls of virsh per host. */
const CALLS = 2;

/** What virsh printed about each, by name. */
type Shown = ReadonlyMap<string, string>;

/**
 * Looks at the VMs of these places in a few calls of virsh, with the commands that `looksAt` returns for a name;
 * returns a function that gives the output for one of them. Errors of single VMs are not reported: whoever misses a VM
 * looks at it by itself.
 */
export function lookAtMany(
  places: readonly DomainPlace[],
  looksAt: (name: string) => readonly string[],
  tools: Tools,
): (place: DomainPlace) => Promise<string> {
  const look = (host: HostSpec, names: readonly string[]) => lookAtSome(host, names, looksAt, tools);
  const calls = new Map(
    byHost(places).map(({ host, names }) => [host.uri, callsFor(names, (some) => look(host, some))]),
  );
  return async ({ host, name }) => (await calls.get(host.uri)?.get(name))?.get(name) ?? '';
}

function byHost(places: readonly DomainPlace[]): { readonly host: HostSpec; readonly names: readonly string[] }[] {
  const hosts = new Map(places.map(({ host }) => [host.uri, { host, names: new Set<string>() }]));
  for (const { host, name } of places) hosts.get(host.uri)?.names.add(name);
  return [...hosts.values()].map(({ host, names }) => ({ host, names: [...names] }));
}

/** The call that shows each VM, by its name. */
function callsFor(
  names: readonly string[],
  look: (some: readonly string[]) => Promise<Shown>,
): ReadonlyMap<string, Promise<Shown>> {
  const calls: Promise<Shown>[] = [];
  const found = new Map<string, Promise<Shown>>();
  for (let from = 0; from < names.length; from += PER_CALL) {
    const some = names.slice(from, from + PER_CALL);
    const before = calls.at(-CALLS);
    const call = before === undefined ? look(some) : before.then(() => look(some));
    call.catch(() => undefined); // reported to each caller that waits for it
    calls.push(call);
    some.forEach((name) => found.set(name, call));
  }
  return found;
}

async function lookAtSome(
  host: HostSpec,
  names: readonly string[],
  looksAt: (name: string) => readonly string[],
  tools: Tools,
): Promise<Shown> {
  const separator = randomUUID();
  const script = names.flatMap((name) => [...looksAt(name), `echo ${separator}`]).join('; ');
  const outcome = await tools.attempt(virsh(host, script));
  if (outcome.stdout === '' && outcome.exitCode !== 0) {
    // The host cannot be reached. Nobody could read the whole script in an error, so one VM's commands stand for it.
    throw new ToolError(virsh(host, looksAt(names[0] ?? '').join('; ')), outcome);
  }
  const shown = outcome.stdout.split(separator);
  return new Map(names.map((name, index) => [name, shown[index] ?? '']));
}
