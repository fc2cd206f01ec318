import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import {
  CephCluster,
  CephRbdStoragePool,
  Duration,
  ImageSource,
  RbdBackedVm,
  RbdImage,
  RbdSnapshot,
  RemovalPolicy,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { Admin, labHost } from '../../helpers/world';

const lab = useLab();
const DOCS = join(__dirname, '../../../docs/own-cluster.md');

/** The line of docs/own-cluster.md, as the words that a shell passes to `ceph`. */
function documented(): string[] {
  const line = /^ceph auth get-or-create (client\.\S+) ((?:.*\\\n)*.*)$/m.exec(readFileSync(DOCS, 'utf8'));
  const words = (line?.[2] ?? '').replaceAll('\\\n', ' ').match(/'[^']*'|\S+/g) ?? [];
  return words.map((word) => word.replace(/^'|'$/g, ''));
}

describe('An administrator with just the documented permissions', () => {
  const id = 'lc-deployer';
  const deployment = new Deployment('lc');
  let admin: Admin;
  let keyringFile: string;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('lc-pool');
    keyringFile = join(deployment.folder, 'keyring');
    await admin.ceph('auth', 'get-or-create', `client.${id}`, ...documented(), '-o', keyringFile);
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear('lc-');
  });

  function stack(size: number): (stack: TerraformStack) => void {
    return (scope) => {
      const { monitors, cephConf: confFile } = lab();
      const cluster = new CephCluster(scope, 'ceph', { monitors: [...monitors], confFile, adminId: id, keyringFile });
      const host = labHost(scope, lab());
      const names = { poolName: 'lc-pool', clientId: 'lc-client' };
      const storage = new CephRbdStoragePool(scope, 'lc-storage', { host, cluster, ...names });
      const { pool } = storage;
      const golden = new RbdImage(scope, 'lc-golden', { pool, source: ImageSource.file(lab().bootSectorImage) });
      new RbdImage(scope, 'lc-gone', { pool, size: Size.mebibytes(8), removalPolicy: RemovalPolicy.DELETE });
      new RbdSnapshot(scope, 'lc-snapshot', { image: golden, snapshotName: 'first' });
      new RbdBackedVm(scope, 'lc-vm', {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(32),
        rootDisk: { source: ImageSource.clone(golden), size: Size.mebibytes(size) },
        dataDisks: [{ target: 'vdb', size: Size.mebibytes(8) }],
        shutdownTimeout: Duration.seconds(1),
      });
    };
  }

  test('creates a whole stack, changes it and removes it', async () => {
    await deployment.deploy(stack(80));
    await deployment.deploy(stack(96));
    await deployment.destroy();
    const trash = (image: string): string => `trash lc-pool/${image}`;
    expect(await admin.inventory('lc-')).toEqual([
      `client client.${id}`,
      'pool lc-pool',
      trash('lc-golden'),
      trash('lc-vm-root'),
      trash('lc-vm-vdb'),
    ]);
  });
});
