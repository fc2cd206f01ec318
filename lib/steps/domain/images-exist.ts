import { type DomainSpec, parseImageSpec } from '../../model';
import { commandText } from '../commands';
import { writtenImages } from '../wait-for-free-images';
import { differs, OK, type Step } from '../step';
import { Refusal } from '../tools';
import { capsByHand, looksByHand } from './runbook-lines';
import { isActive } from './observed-domain';
import type { DomainWorld } from './lookup';

/** Checks that every image of the VM exists, because QEMU's own error at a start names no image. */
export const imagesExist: Step<DomainSpec, DomainWorld> = {
  name: 'check that its images exist',
  describe: looksByHand,
  judge(spec, world) {
    const { name, disks } = spec;
    for (const [target, { image }] of Object.entries(disks)) {
      if (world.images.get(image) !== undefined) continue;
      throw new Refusal(
        `VM '${name}' needs image '${image}' for disk ${target}, but it is missing`,
        `create it again ('rbd trash ls ${parseImageSpec(image).pool}' shows whether it can be restored), then apply again`,
        'image-missing',
      );
    }
    if (spec.running && !(world.found && isActive(world.found))) refuseLocked(spec, world);
    return OK;
  },
  act: () => Promise.resolve(),
};

/** The cookie of the lock that librbd itself holds for as long as it writes begins like this. */
const LIBRBD_COOKIE = 'auto ';

/** Checked before a start: with another client's lock, every write of the guest would hang forever, silently. */
function refuseLocked({ name, disks }: DomainSpec, world: DomainWorld): void {
  for (const image of writtenImages(disks)) {
    const lock = world.images.get(image)?.locks.find(({ cookie }) => !cookie.startsWith(LIBRBD_COOKIE));
    if (lock === undefined) continue;
    throw new Refusal(
      `VM '${name}' could not write to its image '${image}': ${lock.client} at ${lock.address} holds the lock '${lock.cookie}' on it`,
      `if that lock is not needed, remove it: '${commandText('rbd', 'lock', 'rm', image, lock.cookie, lock.client)}'`,
      'image-locked',
    );
  }
}

/**
 * A QEMU that died leaves its lock behind. To take it, the next one must be allowed to shut the dead one out of the
 * cluster; otherwise every write of its guest hangs.
 */
export const clientMayReadImages: Step<DomainSpec, DomainWorld> = {
  name: 'check what its client may do',
  describe: capsByHand,
  judge({ clientId }, { caps }) {
    if (caps === undefined || /profile rbd\b|allow \*|bl(?:ack|ock)list/.test(caps['mon'] ?? '')) return OK;
    return differs(
      `client '${clientId}' is not allowed to blocklist a QEMU that died (its capability 'mon' is '${caps['mon'] ?? ''}'), so a VM may hang after a crash: give it 'profile rbd'`,
    );
  },
  act: () => Promise.resolve(),
};
