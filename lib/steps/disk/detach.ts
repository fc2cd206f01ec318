import type { HostSpec } from '../../model';
import type { XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import { observeDomain, type ObservedDomain } from '../domain/observed-domain';
import { comparableOf, type Part } from '../domain/compared-fields';
import { Refusal, type Tools } from '../tools';

/** Seconds that a guest may take to release a disk: it may be busy or still booting. */
const RELEASE = 60;
const ASK_AGAIN = 10;
const POLL = 1;

/** One disk of a domain. */
export interface DiskPlace {
  readonly host: HostSpec;
  readonly domain: string;
  readonly target: string;
}

/** Recognizes a disk, by itself and by the marks of its VM. */
export type IsMeant = (disk: Part, domain: ObservedDomain) => boolean;

/** Whether a disk that `isMeant` recognizes is in the definition, and in the running VM. */
export function whereAttached(
  { target }: Pick<DiskPlace, 'target'>,
  isMeant: IsMeant,
  found: ObservedDomain,
): { readonly defined: boolean; readonly live: boolean } {
  const isAt = (domain: XmlElement | undefined): boolean => {
    const disk = domain && comparableOf(domain).disks.get(target);
    return disk !== undefined && isMeant(disk, found);
  };
  return { defined: found.persistent && isAt(found.definition), live: isAt(found.live) };
}

/** The same after a fresh look: a guest may release a disk at any moment. */
async function whereAttachedNow(
  place: DiskPlace,
  isMeant: IsMeant,
  tools: Tools,
): Promise<ReturnType<typeof whereAttached>> {
  const found = await observeDomain(tools, place.host, place.domain);
  return found ? whereAttached(place, isMeant, found) : { defined: false, live: false };
}

/** Removes a disk from the definition, then from the running VM; returns when QEMU has closed the image. */
export async function detach(place: DiskPlace, isMeant: IsMeant, tools: Tools): Promise<void> {
  const { host, domain, target } = place;
  const { defined } = await whereAttachedNow(place, isMeant, tools);
  if (defined) await tools.run(virsh(host, 'detach-disk', domain, target, '--config'));
  await detachLive(place, isMeant, tools);
}

/** A live detach only asks the guest, so this waits and asks again. */
export async function detachLive(place: DiskPlace, isMeant: IsMeant, tools: Tools): Promise<void> {
  const { host, domain, target } = place;
  const started = Date.now();
  let asked = Number.NEGATIVE_INFINITY;
  let said = '';
  while ((await whereAttachedNow(place, isMeant, tools)).live) {
    if (Date.now() - started >= RELEASE * 1000) {
      throw new Refusal(
        `the guest has not released ${target} within ${RELEASE} s${said}`,
        "unmount it in the guest or shut the VM down, then apply again; the VM's definition no longer has it",
        'disk-not-released',
      );
    }
    if (Date.now() - asked >= ASK_AGAIN * 1000) {
      if (asked > 0) tools.say(`VM '${domain}': waiting for the guest to release disk ${target}`);
      asked = Date.now();
      const { stderr } = await tools.attempt(virsh(host, 'detach-disk', domain, target, '--live'));
      said = stderr.trim() === '' ? '' : ` (${stderr.trim().split('\n').join(' | ')})`;
    }
    await tools.sleep(POLL);
  }
}
