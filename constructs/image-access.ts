import type { Construct } from 'constructs';
import { claim } from '../lib/terraform';
import { CephClient } from './ceph-client';
import { CephCluster } from './ceph-cluster';
import { RbdImage } from './rbd-image';
import { isReadOnly, type VmDiskProps } from './vm-disk';
import type { ICephClient, IRbdImage } from './interfaces';

/** Only one disk may write to an image, or two guests corrupt it: no RBD lock stops them. */
export function claimForWriting(construct: Construct, image: IRbdImage, disk: VmDiskProps): void {
  if (isReadOnly(disk)) return;
  const { _identity } = CephCluster._of(image.pool.cluster, construct);
  const fix = "two guests that write to one image corrupt it: create another image, or make both 'readOnly'";
  claim(construct, `the writable disk on '${image.spec}' of ${_identity}`, fix);
}

/** Grants the client access to the image and its data pool, and read access to every parent that it is cloned from. */
export function grantForDisk(client: ICephClient, image: IRbdImage, readOnly: boolean): void {
  const ours = CephClient._tryOurs(client);
  if (!ours) return;
  const profile = readOnly ? 'rbd-read-only' : 'rbd';
  ours._grant(image.pool, profile);
  const made = RbdImage._tryOurs(image);
  if (made?._dataPool) ours._grant(made._dataPool, profile);
  if (made?._source._parent) grantForDisk(client, made._source._parent, true);
}
