import { randomUUID } from 'node:crypto';
import type { Caps } from '../../ceph';
import type { CephClientSpec } from '../../model';
import { ceph } from '../commands';
import { differs, fine, OK, type Step } from '../step';
import type { Command } from '../tools';
import { entityOf, setMark, titleOf, type WantedClientWorld } from './lookup';

/**
 * A higher generation makes a new key, in place. The mark first says that the key is being made: after a kill at any
 * moment, the next run makes another one, and secrets are compared with the id of the last.
 */
export const rotation: Step<CephClientSpec, WantedClientWorld> = {
  name: 'make a new key',
  // By hand, the client was just created with a new key.
  describe: () => [],

  judge(spec, { caps, mark }) {
    if (spec.keyGeneration === undefined || caps === undefined || mark === undefined) return OK;
    if (spec.keyGeneration > mark.keyGeneration) {
      return differs(`its key has generation ${mark.keyGeneration}, not ${spec.keyGeneration}`);
    }
    if (spec.keyGeneration < mark.keyGeneration) {
      const next = `a new key needs a number above ${mark.keyGeneration}`;
      return fine({
        warn: `${titleOf(spec)}: its key has generation ${mark.keyGeneration}, so ${spec.keyGeneration} has no effect; ${next}`,
      });
    }
    return OK;
  },

  async act(spec, { caps, mark }, tools) {
    if (caps === undefined || mark === undefined || spec.keyGeneration === undefined) return;
    await setMark(spec, { ...mark, keyId: '' }, tools);
    await tools.pipe(newKeyring(spec, caps), ceph(spec.cluster, 'auth', 'import', '-i', '-'));
    const key = { keyId: randomUUID(), since: new Date().toISOString() };
    await setMark(spec, { ...mark, id: entityOf(spec), keyGeneration: spec.keyGeneration, ...key }, tools);
    tools.say(`${titleOf(spec)}: the old key is void; existing connections last until their tickets expire`);
  },
};

/**
 * Prints a keyring with a new key and the current capabilities; importing it replaces both in one step (Ceph 16 has no
 * `auth rotate`). `ceph-authtool` also prints that it creates the file; if it fails, its output is not a keyring, so
 * the import refuses it. The file must be a pipe of the shell: ours may be a socket, which cannot be opened.
 */
function newKeyring(spec: CephClientSpec, caps: Caps): Command {
  const script = `{ ceph-authtool "$@" || echo failed; } | sed '/^creating /d'`;
  return { argv: ['sh', '-c', script, 'sh', ...keyring(spec, caps)], transport: spec.cluster.transport };
}

function keyring(spec: CephClientSpec, caps: Caps): string[] {
  const words = Object.entries(caps).flatMap(([daemon, text]) => (text ? ['--cap', daemon, text] : []));
  return ['--create-keyring', '/dev/stdout', '--gen-key', '--name', entityOf(spec), ...words];
}
