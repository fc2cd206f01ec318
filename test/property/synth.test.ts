import type { TerraformStack } from 'cdktf';
import * as fc from 'fast-check';
import {
  CephClient,
  CephClientConfig,
  CephCluster,
  CephPool,
  ImageSource,
  LibvirtCephSecret,
  LibvirtHost,
  LibvirtDriver,
  RbdImage,
  RbdSnapshot,
  Size,
  ValidationError,
} from '../../constructs';
import { monitorsIn } from '../../lib/model';
import { asTerraformReads, hostileText } from '../helpers/hostile';
import { Scene } from '../helpers/scene';
import { stackOf, synth, type Rendered } from '../helpers/synth';

/** Each place that takes a user's text: how it is given, and where it has to arrive unchanged. */
interface Place {
  readonly make: (scene: Scene, stack: TerraformStack, id: string, text: string) => void;
  readonly arrives: (json: Rendered, id: string) => unknown;
  /** What becomes of it on purpose. */
  readonly becomes?: (text: string) => string | undefined;
}

const triggers = (json: Rendered, id: string): Rendered => json.resource.terraform_data[`${id}_spec`].triggers_replace;
const local = (json: Rendered, id: string): Rendered => json.locals[`spec_${id}`];
const MIB = Size.mebibytes(1);

const PLACES: { readonly [name: string]: Place } = {
  'pool name': {
    make: ({ cluster }, stack, id, poolName) => new CephPool(stack, id, { cluster, poolName }),
    arrives: (json, id) => triggers(json, id).name,
  },
  'CRUSH rule': {
    make: ({ cluster }, stack, id, crushRule) => new CephPool(stack, id, { cluster, crushRule }),
    arrives: (json, id) => triggers(json, id).crushRule,
  },
  'client ID': {
    make: ({ cluster }, stack, id, clientId) => new CephClient(stack, id, { cluster, clientId }),
    arrives: (json, id) => triggers(json, id).id,
  },
  'image name': {
    make: ({ pool }, stack, id, imageName) => new RbdImage(stack, id, { pool, imageName, size: MIB }),
    arrives: (json, id) => triggers(json, id).name,
  },
  'image file': {
    make: ({ pool }, stack, id, path) => new RbdImage(stack, id, { pool, source: ImageSource.file(path) }),
    arrives: (json, id) => triggers(json, id).source.file,
  },
  'image address': {
    make: ({ pool }, stack, id, text) =>
      new RbdImage(stack, id, { pool, source: ImageSource.url(`https://x/${text}`, { sha256: 'a'.repeat(64) }) }),
    arrives: (json, id) => triggers(json, id).source.url.replace('https://x/', ''),
    // A query may be a token: what is planned and kept ends before it.
    becomes: (text) => text.replace(/[?#][^]*$/, ''),
  },
  'image address as it is asked for': {
    make: ({ pool }, stack, id, text) =>
      new RbdImage(stack, id, { pool, source: ImageSource.url(`https://x/${text}`, { sha256: 'a'.repeat(64) }) }),
    arrives: (json, id) => (local(json, id).fetch?.url ?? triggers(json, id).source.url).replace('https://x/', ''),
  },
  'snapshot name': {
    make: ({ pool }, stack, id, snapshotName) =>
      new RbdSnapshot(stack, id, {
        image: RbdImage.fromImageName(stack, `${id}-of`, { pool, imageName: id }),
        snapshotName,
      }),
    arrives: (json, id) => triggers(json, id).name,
  },
  'secret usage': {
    make: ({ host, client }, stack, id, usage) => new LibvirtCephSecret(stack, id, { host, client, usage }),
    arrives: (json, id) => triggers(json, id).usage,
  },
  'VM name': {
    make: (scene, _stack, id, vmName) => scene.vm(id, { vmName }),
    arrives: (json, id) => triggers(json, id).name,
  },
  description: {
    make: (scene, _stack, id, description) => scene.vm(id, { description }),
    arrives: (json, id) => triggers(json, id).description,
  },
  'disk serial': {
    make: (scene, _stack, id, serial) => scene.vm(id, { rootDisk: { image: scene.image(`${id}-disk`), serial } }),
    arrives: (json, id) => triggers(json, id).disks.vda.serial,
  },
  'console log': {
    make: (scene, _stack, id, text) => scene.vm(id, { serialLogFile: `/var/log/${text}` }),
    arrives: (json, id) => triggers(json, id).serialLogFile.replace('/var/log/', ''),
  },
  'configuration file': {
    make: (_scene, stack, id, text) => {
      const { host, client } = named(stack, id);
      new CephClientConfig(stack, id, { host, client, confFile: `/etc/${text}`, logFile: '/x' });
    },
    arrives: (json, id) => triggers(json, id).confFile.replace('/etc/', ''),
  },
  'admin ID': {
    make: (_scene, stack, id, adminId) => clusterWith(stack, id, { adminId }),
    arrives: (json, id) => local(json, `${id}-pool`).cluster.adminId,
  },
  'keyring file': {
    make: (_scene, stack, id, keyringFile) => clusterWith(stack, id, { keyringFile }),
    arrives: (json, id) => local(json, `${id}-pool`).cluster.keyringFile,
  },
  monitor: {
    make: (_scene, stack, id, monitor) => clusterWith(stack, id, { monitors: [monitor] }),
    arrives: (json, id) => local(json, `${id}-pool`).cluster.monitors.join(),
    becomes: (text) => monitorsIn(text)?.join(),
  },
  uri: {
    make: (_scene, stack, id, text) => {
      const host = new LibvirtHost(stack, `${id}-host`, { uri: `qemu:///${text}`, driver: LibvirtDriver.VIRSH });
      new LibvirtCephSecret(stack, id, { host, client: named(stack, id).client });
    },
    arrives: (json, id) => local(json, id).host.uri.replace('qemu:///', ''),
  },
};

function clusterWith(
  stack: TerraformStack,
  id: string,
  props: Partial<ConstructorParameters<typeof CephCluster>[2]>,
): void {
  const cluster = new CephCluster(stack, id, { monitors: ['10.0.0.1'], ...props });
  new CephPool(stack, `${id}-pool`, { cluster });
}

function named(stack: TerraformStack, id: string) {
  const cluster = new CephCluster(stack, `${id}-ceph`, { monitors: [`${id}.example`] });
  const client = CephClient.fromClientId(stack, `${id}-client`, { cluster, clientId: 'x' });
  return {
    client,
    host: new LibvirtHost(stack, `${id}-kvm`, { uri: `qemu+ssh://${id}/system`, driver: LibvirtDriver.VIRSH }),
  };
}

/** Of each place, and a quarter of it where a VM has to be made for each: 10,000 in all. */
const TEXTS = 750;
const BATCH = 50;
const OF_VMS: ReadonlySet<string> = new Set(['VM name', 'description', 'disk serial', 'console log']);

describe('Synth takes any text of a user exactly, or says what is wrong with it', () => {
  it.each(Object.entries(PLACES))(
    '%s',
    (name, { make, arrives, becomes = (text) => text }) => {
      const seen = { taken: 0, refused: 0 };
      fc.assert(
        fc.property(fc.uniqueArray(hostileText, { minLength: BATCH, maxLength: BATCH }), (texts) => {
          const stack = stackOf();
          const scene = new Scene(stack);
          const taken = texts.flatMap((text, index) =>
            isTaken(() => make(scene, stack, `id${index}`, text), text) ? [{ text, id: `id${index}` }] : [],
          );
          seen.taken += taken.length;
          seen.refused += texts.length - taken.length;
          const { json } = synth(stack);
          for (const { text, id } of taken) {
            expect(asTerraformReads(arrives(json, id) as string)).toBe(becomes(text));
          }
        }),
        { numRuns: Math.ceil(TEXTS / BATCH / (OF_VMS.has(name) ? 4 : 1)), endOnFailure: true },
      );
      expect(seen.taken).toBeGreaterThan(0);
      expect(seen.refused).toBeGreaterThan(0);
    },
    60_000,
  );
});

/** False when a ValidationError refuses the text; that must be one line that shows it as JSON does. */
function isTaken(make: () => void, text: string): boolean {
  try {
    make();
    return true;
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    expect(error.message).not.toContain('\0');
    for (const { message } of error.violations) expect(message.includes('\n') && text.includes('\n')).toBe(false);
    return false;
  }
}
