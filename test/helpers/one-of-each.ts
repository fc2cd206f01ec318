import type { TerraformStack } from 'cdktf';
import type { LibvirtDriver } from '../../constructs';
import { CephClientConfig, CephRbdStoragePool, RbdDiskAttachment, RbdSnapshot, Size } from '../../constructs';
import { Scene } from './scene';

/** One of every construct. */
export const oneOfEach = (driver: LibvirtDriver) => (stack: TerraformStack) => {
  const scene = new Scene(stack, driver);
  const { host, client, secret, pool } = scene;
  const storage = new CephRbdStoragePool(stack, 'storage', { host, pool, client, secret });
  scene.vm('web1', {
    storage,
    dataDisks: [{ target: 'vdb', size: Size.gibibytes(1) }],
    cloudInit: { hostname: 'web1' },
  });
  const image = scene.image('golden');
  new RbdSnapshot(stack, 'before', { image });
  new CephClientConfig(stack, 'config', { host, client, logFile: '/var/log/ceph/q.log' });
  new RbdDiskAttachment(stack, 'extra', { secret, vmName: 'legacy', disk: { image, target: 'vdc' } });
};
