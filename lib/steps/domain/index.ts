import type { DomainRemoval, DomainSpec } from '../../model';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { clearForProvider } from './clear-for-provider';
import { definition } from './definition';
import { clientMayReadImages, imagesExist } from './images-exist';
import { liveUpdate, restart } from './update-live';
import { type DomainWorld, type FoundDomain, observeFound, observeWorld, observeWorlds } from './lookup';
import { ownership } from './ownership';
import { remove } from './remove';
import { domainRemoval, domainSpec, domainStop } from './domain-schemas';
import { start } from './start-for-provider';
import { autostart, resumed, state } from './power-state';
import { stop } from './stop-for-provider';

/** A virtual machine on a host. */
export const domain: KindSteps<DomainSpec, DomainRemoval, DomainWorld, FoundDomain> = {
  kind: 'domain',
  title: ({ name }) => `VM '${name}'`,
  lock: ({ host, name }) => ({ file: `domain-${name}`, transport: host.transport }),
  parseSpec: schemas.parser(domainSpec),
  parseRemoval: schemas.parser(domainRemoval),
  ensure: {
    observe: observeWorld,
    observeTogether: observeWorlds,
    steps: {
      provider: [imagesExist, clientMayReadImages, clearForProvider],
      virsh: [ownership, imagesExist, clientMayReadImages, definition, resumed, liveUpdate, restart, state, autostart],
    },
  },
  remove: { observe: observeFound, steps: [remove] },
  start: { parse: schemas.parser(domainSpec), observe: observeWorld, steps: [start, autostart] },
  stop: { parse: schemas.parser(domainStop), observe: observeFound, steps: [stop] },
};
