import type { StoragePoolSpec } from '../../model';
import { Refusal, ToolError } from '../tools';

/** What libvirt says, and what it means: [a part of its message, what is wrong, what to do]. */
type TextFor = (spec: StoragePoolSpec, image: string) => string;
const ERRORS: readonly (readonly [pattern: RegExp, problem: TextFor, next: TextFor])[] = [
  [
    /missing backend for pool type/,
    () => 'libvirt on that host has no storage driver for RBD',
    () =>
      'install the Debian package libvirt-daemon-driver-storage-rbd there, restart libvirtd (or virtstoraged), then apply again',
  ],
  [
    /does not have a value/,
    ({ secretUsage }) => `the secret '${secretUsage}' has no value`,
    ({ secretUsage }) =>
      `set it (if '${secretUsage}' belongs to this stack, apply with -replace of its spec), then apply again`,
  ],
  [
    /no secret with matching/i,
    ({ secretUsage }) => `the host has no secret '${secretUsage}'`,
    () => 'create it first, then apply again',
  ],
  [
    // Also if the client may not read the parent of a clone: libvirt (9.0) opens each image, and then shows none.
    /failed to open the RBD image '([^']*)'/,
    ({ cephPool, clientId }, image) =>
      `client '${clientId}' cannot open image '${cephPool}/${image}', so libvirt shows no image of the pool`,
    ({ cephPool, clientId }, image) =>
      `'rbd info ${cephPool}/${image}' shows its parent and its data pool: let the client read there ('ceph auth get client.${clientId}' shows its grants; in the code, 'grantReadOnly' of that pool), then apply again`,
  ],
  [
    /failed to create the RBD IoCTX/,
    ({ cephPool, clientId }) => `the Ceph pool '${cephPool}' does not exist, or client '${clientId}' may not use it`,
    ({ clientId }) => `'ceph osd lspools' and 'ceph auth get client.${clientId}' show which, then apply again`,
  ],
  [
    /failed to connect to the RADOS monitor/,
    ({ monitors, clientId }) => `no monitor accepted client '${clientId}', tried ${monitors.join(', ')}`,
    () => 'check that the host reaches them and that the secret holds the key of that client, then apply again',
  ],
];

/** Waits for virsh; explains a known fault, with what to do. */
export async function explained(spec: StoragePoolSpec, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const said = error instanceof ToolError ? error.outcome.stderr : '';
    const fault = ERRORS.find(([pattern]) => pattern.test(said));
    if (!fault) throw error;
    const [pattern, problem, next] = fault;
    const image = pattern.exec(said)?.[1] ?? '';
    const last = said.trim().split('\n').at(-1) ?? '';
    throw new Refusal(`${problem(spec, image)} ('${last}')`, next(spec, image), 'storage-pool-start');
  }
}
