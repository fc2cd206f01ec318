import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { execa, type ResultPromise } from 'execa';
import { CephClient, CephCluster, CephPool, ImageSource, RbdImage, Size, Transport } from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { useLab } from '../helpers/lab';
import { Admin } from '../helpers/world';

const lab = useLab();

/** A real sshd on loopback, which lets one key in; `ssh` knows it by a configuration of its own, not the user's. */
class Sshd {
  public readonly folder = mkdtempSync(join(tmpdir(), 'clc-ssh-'));
  public port = 0;
  private daemon?: ResultPromise<{ reject: false }>;

  public async start(): Promise<void> {
    this.port = await freePort();
    const file = (name: string): string => join(this.folder, name);
    for (const key of ['host', 'user']) await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
    const { stdout: hostKey } = await execa('cat', [file('host.pub')]);
    writeFileSync(file('known_hosts'), `[127.0.0.1]:${this.port} ${hostKey}\n`);
    writeFileSync(file('config'), `UserKnownHostsFile ${file('known_hosts')}\nIdentitiesOnly yes\n`);
    mkdirSync(file('bin'));
    writeFileSync(file('bin/ssh'), `#!/bin/sh\nexec /usr/bin/ssh -F '${file('config')}' "$@"\n`);
    chmodSync(file('bin/ssh'), 0o755);
    mkdirSync('/run/sshd', { recursive: true });
    const settings = ['UsePAM no', 'StrictModes no', 'PermitRootLogin yes', `AuthorizedKeysFile ${file('user.pub')}`];
    writeFileSync(file('sshd_config'), `${settings.join('\n')}\nPidFile none\n`);
    const options = ['-D', '-e', '-f', file('sshd_config'), '-h', file('host'), '-p', String(this.port)];
    this.daemon = execa('/usr/sbin/sshd', [...options, '-o', 'ListenAddress=127.0.0.1'], { reject: false });
    await sleep(500);
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

describe('a cluster over ssh', () => {
  const sshd = new Sshd();
  const deployment = new Deployment('ssh');
  const path = process.env['PATH'];
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await sshd.start();
    process.env['PATH'] = sshd.path;
    await admin.wipe('ssh-pool');
  }, 60_000);

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    process.env['PATH'] = path;
    deployment.remove();
    await admin.wipe('ssh-pool');
    await sshd.stop();
  }, 120_000);

  function stack(identityFile: string): (stack: TerraformStack) => void {
    return (scope) => {
      const transport = Transport.ssh('root@127.0.0.1', { port: sshd.port, identityFile });
      const ceph = new CephCluster(scope, 'ceph', {
        monitors: [...lab().monitors],
        confFile: lab().cephConf,
        transport,
      });
      const pool = new CephPool(scope, 'ssh-pool', { cluster: ceph });
      pool.grantReadWrite(new CephClient(scope, 'ssh-client', { cluster: ceph }));
      new RbdImage(scope, 'ssh-blank', { pool, size: Size.mebibytes(8) });
      new RbdImage(scope, 'ssh-golden', { pool, source: ImageSource.file(lab().guestImage) });
    };
  }

  test('fails with what ssh says where the key is not let in, and makes nothing', async () => {
    await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(sshd.folder, 'stranger')]);
    const said = await deployment.failToDeploy(stack(join(sshd.folder, 'stranger')));
    expect(said).toMatch(/Permission denied/);
    expect(await admin.inventory('ssh-')).toEqual([]);
  }, 60_000);

  test('makes pool, client and images there, the file streamed', async () => {
    await deployment.deploy(stack(join(sshd.folder, 'user')));
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
  }, 120_000);
});
