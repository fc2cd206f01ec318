import { parseDuration, type DomainSpec, type HostSpec } from '../../model';
import { parseXml, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import { startOnceImagesFree } from '../image-in-use';
import { Refusal, type Tools } from '../tools';
import { isActive, observeDomain, type ObservedDomain } from './observed-domain';
import { imageOf, ofCluster, imagesWrittenAlone, targetOf, writtenDisks } from './written-disks';

/** Seconds between two requests to shut down: a guest that boots hears none. */
const ASK_AGAIN = 10;
const POLL = 1;
/** Why a VM is paused that may go on. */
const RESUMABLE = ['user', 'I/O error', 'unknown', 'watchdog', 'from snapshot', ''];
/** Why it is paused where libvirt is at work on it: cut off, its memory or the VM that it becomes elsewhere would be lost. */
const AT_WORK = ['saving', 'dumping', 'creating snapshot', 'migrating', 'post-copy', 'post-copy failed'];

/** A domain on its host. */
export interface DomainPlace {
  readonly host: HostSpec;
  readonly name: string;
  readonly shutdownTimeout: string;
}

/** What a start has to know of a domain. */
export type Startable = DomainPlace & Pick<DomainSpec, 'cluster' | 'monitors' | 'disks'>;

/**
 * Ends a VM: a graceful shutdown, and after its time the power switch, which is said. Returns when nothing of it runs. A
 * paused guest hears no shutdown, so it is woken before; a crashed one can't. What libvirt does with it may end meanwhile;
 * throws a `Refusal` when it does not.
 */
export async function bringDown(place: DomainPlace, tools: Tools): Promise<void> {
  const { host, name, shutdownTimeout } = place;
  const seconds = parseDuration(shutdownTimeout);
  const deadline = Date.now() + seconds * 1000;
  let asked = Number.NEGATIVE_INFINITY;
  for (;;) {
    const found = await observeDomain(tools, host, name);
    if (found === undefined || !isActive(found)) return;
    if (isAtWork(found)) {
      if (Date.now() >= deadline) throw atWork(place, found);
      await tools.sleep(POLL);
      continue;
    }
    const deaf = await wake(place, found, tools);
    if (deaf !== undefined || Date.now() >= deadline) {
      const why = deaf ?? `did not shut down within ${shutdownTimeout}`;
      tools.warn(`VM '${name}' ${why}: switching it off, as by its power switch`);
      return switchOff(place, tools);
    }
    if (Date.now() - asked >= ASK_AGAIN * 1000) {
      if (asked < 0) tools.say(`VM '${name}': shutting down, within ${shutdownTimeout}`);
      asked = Date.now();
      await tools.attempt(virsh(host, 'shutdown', name));
    }
    await tools.sleep(POLL);
  }
}

function isAtWork({ state, reason, job }: ObservedDomain): boolean {
  return job !== undefined || (state === 'paused' && AT_WORK.includes(reason));
}

function atWork({ host, name }: DomainPlace, { state, reason, job }: ObservedDomain): Refusal {
  return new Refusal(
    `VM '${name}' is ${state} (${job ?? reason})`,
    `wait until that is over ('virsh --connect ${host.uri} domjobinfo ${name}' shows it), then apply again`,
    'vm-busy',
  );
}

/** Why the guest cannot hear a request to shut down; undefined when it can. */
async function wake({ host, name }: DomainPlace, found: ObservedDomain, tools: Tools): Promise<string | undefined> {
  if (found.state === 'crashed') return 'has crashed';
  if (found.state === 'paused') {
    if (!RESUMABLE.includes(found.reason)) return `is paused (${found.reason})`;
    tools.say(`VM '${name}' is paused (${found.reason}): resuming it, so that it can shut down`);
    const { exitCode } = await tools.attempt(virsh(host, 'resume', name));
    return exitCode === 0 ? undefined : 'is paused and does not resume';
  }
  if (found.state === 'pmsuspended') await tools.attempt(virsh(host, 'dompmwakeup', name));
  return undefined;
}

async function switchOff({ host, name }: DomainPlace, tools: Tools): Promise<void> {
  const command = virsh(host, 'destroy', name);
  const { exitCode } = await tools.attempt(command);
  // It may have ended by itself in between.
  const left = exitCode === 0 ? undefined : await observeDomain(tools, host, name);
  if (left && isActive(left)) await tools.run(command);
}

/** Starts a VM, or lets it go on, from whatever state it is in. A start waits for its images before. */
export async function bringUp(place: Startable, found: ObservedDomain, tools: Tools): Promise<void> {
  const { host, name } = place;
  switch (found.state) {
    case 'paused':
      if (!RESUMABLE.includes(found.reason)) throw atWork(place, found);
      await tools.run(virsh(host, 'resume', name));
      return;
    case 'pmsuspended':
      await tools.run(virsh(host, 'dompmwakeup', name));
      return;
    case 'crashed':
    case 'in shutdown':
      await bringDown(place, tools);
  }
  const saved = found.managedSave ? await savedDefinition(place, found, tools) : undefined;
  if (saved) tools.say(`VM '${name}': going on from its saved memory (managed save), with the hardware of that time`);
  const images = await imagesWrittenAlone(place, saved ?? found.definition, tools);
  const start = virsh(host, 'start', name);
  // libvirt goes on with it when virsh is cut off, and the images are not locked any more then.
  await startOnceImagesFree(place, images, tools, async () => void (await tools.run(start, { toItsEnd: true })));
}

/** What a saved VM goes on with; refused where that has an image that is no disk of it any more. */
async function savedDefinition(place: Startable, { definition }: ObservedDomain, tools: Tools): Promise<XmlElement> {
  const { host, name } = place;
  const saved = parseXml(await tools.run(virsh(host, 'managedsave-dumpxml', name)));
  const now = writtenDisks(definition);
  for (const disk of await ofCluster(place, writtenDisks(saved), tools)) {
    const target = targetOf(disk);
    if (now.some((other) => targetOf(other) === target && imageOf(other) === imageOf(disk))) continue;
    throw new Refusal(
      `VM '${name}' cannot go on from its saved memory (managed save): it would open image '${imageOf(disk)}' at ${target}, which is not its disk any more`,
      `drop that memory, as a power cut would ('virsh --connect ${host.uri} managedsave-remove ${name}'), then apply again`,
      'saved-memory',
    );
  }
  return saved;
}
