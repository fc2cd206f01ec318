import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa, type ResultPromise } from 'execa';
import { CephClient, CephCluster, CephPool, ImageSource, RbdImage, Size, Transport } from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { useLab } from '../helpers/lab';
import { until } from '../helpers/until';
import { Admin } from '../helpers/world';

const lab = useLab();

/** Who may do nothing with Ceph, but anything by sudo. */
const OPERATOR = 'operator';

/**
 * A real sshd on loopback, which lets one key in; `ssh` knows it by a configuration of its own, not the user's. Its
 * accounts are its own as well: the machine's with one more.
 */
class Sshd {
  /** Not where temporary files are told to be: the operator's sshd has to get there. */
  public readonly folder = mkdtempSync('/var/tmp/clc-ssh-');
  public port = 0;
  private daemon?: ResultPromise<{ reject: false; all: true }>;
  private said = '';

  public async start(): Promise<void> {
    this.port = await freePort();
    chmodSync(this.folder, 0o755);
    const file = (name: string): string => join(this.folder, name);
    for (const key of ['host', 'user']) await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
    const { stdout: hostKey } = await execa('cat', [file('host.pub')]);
    writeFileSync(file('known_hosts'), `[127.0.0.1]:${this.port} ${hostKey}\n`);
    // `-i` is for the destination; a jump host has its key from here.
    const jump = `Match user root\nIdentityFile ${file('user')}\n`;
    writeFileSync(file('config'), `UserKnownHostsFile ${file('known_hosts')}\nIdentitiesOnly yes\n${jump}`);
    mkdirSync(file('bin'));
    writeFileSync(file('bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${file('config')}' "$@"\n`);
    chmodSync(file('bin/ssh'), 0o755);
    mkdirSync('/run/sshd', { recursive: true });
    const settings = ['UsePAM no', 'StrictModes no', 'PermitRootLogin yes', `AuthorizedKeysFile ${file('user.pub')}`];
    writeFileSync(file('sshd_config'), `${settings.join('\n')}\nPidFile none\n`);
    const sshd = ['/usr/sbin/sshd', '-D', '-e', '-f', file('sshd_config'), '-h', file('host'), '-p', String(this.port)];
    this.daemon = execa('unshare', ['--mount', 'sh', '-ec', this.accounts(), 'sh', ...sshd], {
      reject: false,
      all: true,
    });
    this.daemon.all.on('data', (data) => (this.said += String(data)));
    await until('sshd listens', () => Promise.resolve(this.said.includes('Server listening')));
  }

  /** A script that puts them over the machine's, where nobody else sees it, and then runs its arguments. */
  private accounts(): string {
    const files = {
      '/etc/passwd': `${readFileSync('/etc/passwd', 'utf8')}${OPERATOR}:x:64999:64999::/:/bin/sh\n`,
      '/etc/group': `${readFileSync('/etc/group', 'utf8')}${OPERATOR}:x:64999:\n`,
      '/etc/shadow': `root:*:19000::::::\n${OPERATOR}:*:19000::::::\n`,
      '/etc/sudoers': `${OPERATOR} ALL=(ALL) NOPASSWD: ALL\n`,
    };
    const lines = Object.entries(files).map(([path, text]) => {
      const copy = join(this.folder, basename(path));
      writeFileSync(copy, text, { mode: statSync(path).mode });
      return `mount --bind '${copy}' ${path}`;
    });
    return [...lines, 'exec "$@"'].join('\n');
  }

  /** Who was let in since the last call. */
  public users(): readonly string[] {
    const users = [...this.said.matchAll(/Accepted publickey for (\S+)/g)].map(([, user]) => user as string);
    this.said = '';
    return [...new Set(users)].sort();
  }

  /** The environment in which `ssh` is the one that knows this sshd. */
  public get path(): string {
    return `${join(this.folder, 'bin')}:${process.env['PATH'] ?? ''}`;
  }

  public async stop(): Promise<void> {
    this.daemon?.kill();
    await this.daemon;
    rmSync(this.folder, { recursive: true });
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

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
  }, 60_000);

  afterAll(async () => {
    process.env['PATH'] = path;
    await sshd.stop();
  }, 120_000);

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
      const place = { monitors: [...lab().monitors], confFile: lab().cephConf };
      const ceph = new CephCluster(scope, 'ceph', { ...place, transport });
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
  }, 120_000);

  test('fails with what ceph says where the user may not, and makes nothing', async () => {
    expect(await fails(stack(OPERATOR, {}))).toMatch(
      /'ceph .*' on operator@127\.0\.0\.1 ended with 13: .*RADOS permission denied/,
    );
  }, 120_000);

  describe.each(WAYS)('%s', (_, user, way, users) => {
    const deployment = new Deployment('ssh');

    beforeAll(() => admin.wipe('ssh-pool'));

    afterAll(async () => {
      await deployment.terraform('destroy', '-auto-approve');
      deployment.remove();
      await admin.wipe('ssh-pool');
    }, 120_000);

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
    }, 300_000);
  });
});
