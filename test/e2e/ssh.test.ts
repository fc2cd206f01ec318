import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephClient, CephPool, ImageSource, RbdImage, Size, Transport } from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { useLab } from '../helpers/lab';
import { OPERATOR, Sshd } from '../helpers/sshd';
import { Admin, labCluster } from '../helpers/world';

const lab = useLab();

const WAYS = [
  ['as its administrator', 'root', {}, ['root']],
  // The jump host lets root in.
  ['as somebody else, by sudo and over a jump host', OPERATOR, { sudo: true, jump: true }, [OPERATOR, 'root']],
] as const;

describe('a cluster over ssh', () => {
  const sshd = new Sshd();
  const path = process.env['PATH'];
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await sshd.start();
    process.env['PATH'] = sshd.path;
  });

  afterAll(async () => {
    process.env['PATH'] = path;
    await sshd.stop();
  });

  interface Way {
    readonly key?: string;
    readonly sudo?: boolean;
    readonly jump?: boolean;
  }

  function stack(user: string, { key = 'user', sudo, jump }: Way): (stack: TerraformStack) => void {
    return (scope) => {
      const transport = Transport.ssh(`${user}@127.0.0.1`, {
        port: sshd.port,
        identityFile: join(sshd.folder, key),
        sudo,
        jumpHost: jump ? `root@127.0.0.1:${sshd.port}` : undefined,
      });
      const ceph = labCluster(scope, lab(), { transport });
      const pool = new CephPool(scope, 'ssh-pool', { cluster: ceph });
      pool.grantReadWrite(new CephClient(scope, 'ssh-client', { cluster: ceph }));
      new RbdImage(scope, 'ssh-blank', { pool, size: Size.mebibytes(8) });
      new RbdImage(scope, 'ssh-golden', { pool, source: ImageSource.file(lab().guestImage) });
    };
  }

  async function fails(build: (stack: TerraformStack) => void): Promise<string> {
    const deployment = new Deployment('ssh-fails');
    const said = await deployment.failToDeploy(build);
    deployment.remove();
    expect(await admin.inventory('ssh-')).toEqual([]);
    return said;
  }

  test('fails with what ssh says where the key is not let in, and makes nothing', async () => {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(sshd.folder, 'stranger')]);
    expect(await fails(stack(OPERATOR, { key: 'stranger', sudo: true }))).toMatch(/Permission denied/);
  });

  test('fails with what ceph says where the user may not, and makes nothing', async () => {
    expect(await fails(stack(OPERATOR, {}))).toMatch(
      /pool 'ssh-pool': .*'ceph' on operator@127\.0\.0\.1 ended with 13: RADOS permission denied/,
    );
  });

  describe.each(WAYS)('%s', (_, user, way, users) => {
    const deployment = new Deployment('ssh');

    beforeAll(() => admin.wipe('ssh-pool'));

    afterAll(async () => {
      await deployment.terraform('destroy', '-auto-approve');
      deployment.remove();
      await admin.wipe('ssh-pool');
    });

    test('makes pool, client and images there, the file streamed', async () => {
      sshd.users();
      await deployment.deploy(stack(user, way));
      expect(await admin.inventory('ssh-')).toEqual([
        'client client.ssh-client',
        'image ssh-pool/ssh-blank',
        'image ssh-pool/ssh-golden',
        'pool ssh-pool',
      ]);
      const exported = await execa('sh', [
        '-c',
        `rbd --conf '${lab().cephConf}' export --no-progress ssh-pool/ssh-golden - | sha256sum`,
      ]);
      expect(exported.stdout).toContain(lab().guestImageSha256);
      expect(sshd.users()).toEqual(users);
    });
  });
});
