import * as z from '../schema';
import type { ClientConfigRemoval, ClientConfigSpec } from '../../model';
import * as schemas from '../schemas';
import type { KindSteps } from '../step';
import { writeSection } from './write-section';
import { type ConfigWorld, observe } from './lookup';
import { remove } from './remove';

const path = z.string().regex(/^\/[^\s#;]+$/, 'is not an absolute path without spaces');
const place = { host: schemas.host, entity: schemas.entity, confFile: path };
const spec = schemas.objectSpec.extend<schemas.ShapeOf<ClientConfigSpec>>({
  ...place,
  logFile: path.optional(),
  adminSocket: path.optional(),
});
const removal = schemas.removal.extend<schemas.ShapeOf<ClientConfigRemoval>>(place);

/** The section of a client in a host's Ceph configuration. */
export const clientConfig: KindSteps<ClientConfigSpec, ClientConfigRemoval, ConfigWorld, ConfigWorld> = {
  kind: 'client-config',
  title: ({ entity, confFile }) => `section '${entity}' of '${confFile}'`,
  // The lock is on the file, not on the section, because two clients share the file.
  lock: ({ confFile, host }) => ({
    file: `client-config${confFile.replace(/[^\w.-]/g, '_')}`,
    transport: host.transport,
  }),
  parseSpec: schemas.parser(spec),
  parseRemoval: schemas.parser(removal),
  ensure: { observe, steps: [writeSection] },
  remove: { observe, steps: [remove] },
};
