import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephClient, CephPool, ImageSource, RbdImage, Size, Transport } from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { useLab } from '../helpers/lab';
import { processesWith } from '../helpers/rbd';
import { OPERATOR, Sshd, sudoers } from '../helpers/sshd';
import { until } from '../helpers/until';
import { Admin, labCluster } from '../helpers/world';

const lab = useLab();

const WAYS = [
  ['as its administrator', 'root', {}, ['root']],
  // The jump host accepts root.
  ['as somebody else, by sudo and over a jump host', OPERATOR, { sudo: true, jump: true }, [OPERATOR, 'root']],
] as const;
/**
 * The scripts of the apply, each of which would make a connection of its own. Two that begin at the same moment do so
 * even though they share one.
 */
const SCRIPTS = 8;

describe('A cluster over ssh', () => {
  const sshd = new Sshd();
  const { PATH: path, XDG_RUNTIME_DIR: runtime } = process.env;
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await sshd.start();
    process.env['PATH'] = sshd.path;
    process.env['XDG_RUNTIME_DIR'] = sshd.folder;
  });

  afterAll(async () => {
    process.env['PATH'] = path;
    if (runtime === undefined) delete process.env['XDG_RUNTIME_DIR'];
    else process.env['XDG_RUNTIME_DIR'] = runtime;
    await sshd.stop();
  });

  interface Way {
    readonly key?: string;
    readonly sudo?: boolean;
    readonly jump?: boolean;
    /** One image more. */
    readonly more?: boolean;
  }

  function stack(user: string, { key = 'user', sudo, jump, more }: Way): (stack: TerraformStack) => void {
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
      if (more) new RbdImage(scope, 'ssh-more', { pool, size: Size.mebibytes(8) });
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

  test("fails with ssh's message when the key is rejected, and creates nothing", async () => {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(sshd.folder, 'stranger')]);
    expect(await fails(stack(OPERATOR, { key: 'stranger', sudo: true }))).toMatch(/Permission denied/);
  });

  test("fails with ceph's message when the user is not permitted, and creates nothing", async () => {
    expect(await fails(stack(OPERATOR, {}))).toMatch(
      /pool 'ssh-pool': .*'ceph' on operator@127\.0\.0\.1 ended with 13: RADOS permission denied/,
    );
  });

  test('by sudo needs the rule that the docs give, in a form that sudo reads', async () => {
    const { all } = await execa('visudo', ['--check', '--strict', '--file=-'], { input: sudoers('admin'), all: true });
    expect(all).toContain('parsed OK');
  });

  describe.each(WAYS)('%s', (_, user, way, users) => {
    const deployment = new Deployment('ssh');

    beforeAll(() => admin.wipe('ssh-pool'));

    afterAll(async () => {
      await deployment.terraform('destroy', '-auto-approve');
      deployment.remove();
      await admin.wipe('ssh-pool');
    });

    test('creates pool, client and images there, and streams the file', async () => {
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
      const connections = sshd.connections();
      expect([...new Set(connections)]).toEqual(users);
      expect(connections.length).toBeLessThan(SCRIPTS * users.length);
    });

    test('leaves no connection behind, even when it is killed', async () => {
      deployment.synth(stack(user, { ...way, more: true }));
      const running = deployment.start('apply', '-auto-approve');
      await until('a connection is there', async () => (await connected()).length > 0, 20);
      process.kill(running.pid as number, 'SIGKILL');
      await running;
      await until('it has gone', async () => (await connected()).length === 0);
      expect(readdirSync(join(sshd.folder, `cdktf-libvirt-ceph-${process.getuid?.() ?? ''}`))).toEqual([]);
      await deployment.deploy(stack(user, { ...way, more: true }));
    });
  });

  /** Processes that hold a connection for others, or use one. */
  async function connected(): Promise<readonly number[]> {
    return [...(await processesWith('[mux]', sshd.folder)), ...(await processesWith('ssh ', `-p ${sshd.port}`))];
  }
});
