import { createHash } from 'node:crypto';

/** Namespace of the version 5 UUIDs (RFC 9562) below; a contract, because users' objects are named with it. */
const NAMESPACE = Buffer.from('6f0e6c5bb1c45a0c9d1f2a7a3e5d8c41', 'hex');

export const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The UUID of a libvirt object: version 5 of kind and name (for a storage pool 'project/stack/name'), and therefore the
 * same on every host.
 */
export function stableUuid(kind: 'domain' | 'ceph-secret' | 'storage-pool' | 'interface', name: string): string {
  const hash = createHash('sha1').update(NAMESPACE).update(`${kind}/${name}`).digest().subarray(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  return hash.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}

/** A MAC address in QEMU's range (52:54:00) that is the same at every synth. */
export function stableMacAddress(vmName: string, index: number): string {
  const hash = createHash('sha256').update(`${vmName}/${index}`).digest('hex');
  return ['52', '54', '00', hash.slice(0, 2), hash.slice(2, 4), hash.slice(4, 6)].join(':');
}
