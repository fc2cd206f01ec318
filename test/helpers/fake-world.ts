import { parseImageSpec } from '../../lib/model';
import { FakeCeph } from './fake-ceph';
import { FakeHost } from './fake-host';
import { FakeRun } from './fake-run';

export interface FakeWorld {
  readonly ceph: FakeCeph;
  readonly host: FakeHost;
  readonly run: FakeRun;
}

/**
 * A cluster with the client of VMs and these blank images, 'pool/name', by size; a host; and a run's tools for both.
 */
export async function fakeWorld(images: { readonly [spec: string]: number } = {}): Promise<FakeWorld> {
  const [ceph, host] = [new FakeCeph(), new FakeHost()];
  ceph.clients.set('client.libvirt', { caps: { mon: 'profile rbd' }, key: 'the key' });
  for (const [spec, size] of Object.entries(images)) {
    const image = parseImageSpec(spec);
    if (!ceph.pools.has(image.pool)) ceph.addPool(image.pool);
    await ceph.client().createImage({ ...image, size });
  }
  return { ceph, host, run: new FakeRun(ceph, host) };
}
