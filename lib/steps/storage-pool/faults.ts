import type { StoragePoolSpec } from '../../model';
import { Refusal, ToolError } from '../tools';

/** What libvirt says, and what it means: [a part of its message, what is wrong, what to do]. */
type Told = (spec: StoragePoolSpec, image: string) => string;
const FAULTS: readonly (readonly [pattern: RegExp, problem: Told, next: Told])[] = [
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
      `set it (-replace of its object does, where '${secretUsage}' is of this stack), then apply again`,
  ],
  [
    /no secret with matching/i,
    ({ secretUsage }) => `the host has no secret '${secretUsage}'`,
    () => 'make it first, then apply again',
  ],
  [
    // Also if the client may not read the parent of a clone: libvirt (9.0) opens each image, and then shows none.
    /failed to open the RBD image '([^']*)'/,
    ({ cephPool, clientId }, image) =>
      `client '${clientId}' cannot open image '${cephPool}/${image}', so that libvirt shows no image of the pool`,
    ({ cephPool, clientId }, image) =>
      `'rbd info ${cephPool}/${image}' shows its parent and its data pool: let the client read there ('ceph auth get client.${clientId}' shows where it may; 'grantReadOnly' of that pool in code), then apply again`,
  ],
  [
    /failed to create the RBD IoCTX/,
    ({ cephPool, clientId }) => `the Ceph pool '${cephPool}' is not there, or client '${clientId}' may not use it`,
    ({ clientId }) => `'ceph osd lspools' and 'ceph auth get client.${clientId}' tell which, then apply again`,
  ],
  [
    /failed to connect to the RADOS monitor/,
    ({ monitors, clientId }) => `no monitor took client '${clientId}', tried ${monitors.join(', ')}`,
    () => 'see that the host reaches them and that the secret holds the key of that client, then apply again',
  ],
];

/** Waits for virsh; explains a known fault, with what to do. */
export async function explained(spec: StoragePoolSpec, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    const said = error instanceof ToolError ? error.outcome.stderr : '';
    const fault = FAULTS.find(([pattern]) => pattern.test(said));
    if (!fault) throw error;
    const [pattern, problem, next] = fault;
    const image = pattern.exec(said)?.[1] ?? '';
    const last = said.trim().split('\n').at(-1) ?? '';
    throw new Refusal(`${problem(spec, image)} ('${last}')`, next(spec, image), 'storage-pool-start');
  }
}
