import { parseDuration, type HostSpec } from '../../model';
import { virsh, virshLine } from '../commands';
import { Refusal, type Tools } from '../tools';
import { isActive, observeDomain, type ObservedDomain } from './observed-domain';

/** Seconds between two shutdown requests: a booting guest ignores them. */
const ASK_AGAIN = 10;
const POLL = 1;
/** Reasons of a pause after which a VM may be resumed. */
export const RESUMABLE = ['user', 'I/O error', 'unknown', 'watchdog', 'from snapshot', ''];
/**
 * Reasons of a pause during which libvirt works on the VM: an interruption would lose its memory, or the migrated VM.
 */
const BUSY = ['saving', 'dumping', 'creating snapshot', 'migrating', 'post-copy', 'post-copy failed'];

/** A domain on its host. */
export interface DomainPlace {
  readonly host: HostSpec;
  readonly name: string;
  readonly shutdownTimeout: string;
}

/**
 * Shuts a VM down; after its timeout switches it off and says so. Returns when it no longer runs. A paused guest does
 * not receive a shutdown request, so it is resumed first; a crashed one cannot be. Waits for a libvirt job; throws a
 * `Refusal` if the job does not end in time.
 */
export async function powerOff(place: DomainPlace, tools: Tools): Promise<void> {
  const { host, name, shutdownTimeout } = place;
  const seconds = parseDuration(shutdownTimeout);
  const deadline = Date.now() + seconds * 1000;
  let asked = Number.NEGATIVE_INFINITY;
  for (;;) {
    const found = await observeDomain(tools, host, name);
    if (found === undefined || !isActive(found)) return;
    if (isBusy(found)) {
      if (Date.now() >= deadline) throw busy(place, found);
      await tools.sleep(POLL);
      continue;
    }
    const deaf = await wake(place, found, tools);
    if (deaf !== undefined || Date.now() >= deadline) {
      const why = deaf ?? `did not shut down within ${shutdownTimeout}`;
      tools.warn(`VM '${name}' ${why}: switching it off, as a power cut would`);
      return switchOff(place, tools);
    }
    if (Date.now() - asked >= ASK_AGAIN * 1000) {
      if (asked < 0) tools.say(`VM '${name}': shutting down, for up to ${shutdownTimeout}`);
      asked = Date.now();
      await tools.attempt(virsh(host, 'shutdown', name));
    }
    await tools.sleep(POLL);
  }
}

function isBusy({ state, reason, job }: ObservedDomain): boolean {
  return job !== undefined || (state === 'paused' && BUSY.includes(reason));
}

export function busy({ host, name }: DomainPlace, { state, reason, job }: ObservedDomain): Refusal {
  return new Refusal(
    `VM '${name}' is ${state} (${job ?? reason})`,
    `wait until that has ended ('${virshLine(host, 'domjobinfo', name)}' shows it), then apply again`,
    'vm-busy',
  );
}

/** Why the guest cannot receive a shutdown request; undefined if it can. */
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
  // It may have ended by itself in the meantime.
  const left = exitCode === 0 ? undefined : await observeDomain(tools, host, name);
  if (left && isActive(left)) await tools.run(command);
}
