import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename, join } from 'node:path';
import { execa, type ResultPromise } from 'execa';
import { pathWithTool } from './shim';
import { until } from './until';

/** A user who may do nothing with Ceph, but anything through sudo. */
export const OPERATOR = 'operator';

/**
 * A real sshd on loopback that accepts one key; `ssh` knows it from its own configuration, not the user's. Its accounts
 * are separate, too: those of the machine and one more.
 */
export class Sshd {
  public folder = '';
  public port = 0;
  /** A PATH with the `ssh` that knows this sshd. */
  public path = '';
  private daemon?: ResultPromise<{ reject: false; all: true }>;
  private said = '';

  /** `place` are the words that run it elsewhere: in the namespace of one of the lab's hosts. */
  public async start(place: readonly string[] = []): Promise<void> {
    this.port = await freePort();
    // Not in the folder for temporary files: the operator's sshd must be able to reach it.
    this.folder = mkdtempSync('/var/tmp/clc-ssh-');
    chmodSync(this.folder, 0o755);
    const file = (name: string): string => join(this.folder, name);
    for (const key of ['host', 'user']) await execa('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file(key)]);
    const { stdout: hostKey } = await execa('cat', [file('host.pub')]);
    writeFileSync(file('known_hosts'), `[127.0.0.1]:${this.port} ${hostKey}\n`);
    // `-i` is for the destination; a jump host gets its key from here.
    const jump = `Match user root\nIdentityFile ${file('user')}\n`;
    writeFileSync(file('config'), `UserKnownHostsFile ${file('known_hosts')}\nIdentitiesOnly yes\n${jump}`);
    this.path = pathWithTool(this.folder, 'ssh', `exec "$real" -F '${file('config')}' "$@"`);
    const settings = ['UsePAM no', 'StrictModes no', 'PermitRootLogin yes', `AuthorizedKeysFile ${file('user.pub')}`];
    // Whatever the operator runs, their shell prints before and after it, like a .bashrc with 'echo' and a
    // .bash_logout.
    const noise = `echo hello; sh -c "$SSH_ORIGINAL_COMMAND"; s=$?; echo bye; exit $s`;
    const noisy = `Match user ${OPERATOR}\nForceCommand ${noise}\n`;
    writeFileSync(file('sshd_config'), `${settings.join('\n')}\nPidFile none\n${noisy}`);
    const sshd = ['/usr/sbin/sshd', '-D', '-e', '-f', file('sshd_config'), '-h', file('host'), '-p', String(this.port)];
    const [program = '', ...args] = [...place, 'unshare', '--mount', 'sh', '-ec', this.accounts(), 'sh', ...sshd];
    this.daemon = execa(program, args, { reject: false, all: true });
    this.daemon.all.on('data', (data) => (this.said += String(data)));
    await until('sshd listens', () => this.said.includes('Server listening'));
  }

  /** A script that puts them in place of the machine's, where nobody else sees it, and then runs its arguments. */
  private accounts(): string {
    const files = {
      '/etc/passwd': `${readFileSync('/etc/passwd', 'utf8')}${OPERATOR}:x:64999:64999::/:/bin/sh\n`,
      '/etc/group': `${readFileSync('/etc/group', 'utf8')}${OPERATOR}:x:64999:\n`,
      '/etc/shadow': `root:*:19000::::::\n${OPERATOR}:*:19000::::::\n`,
      '/etc/sudoers': sudoers(OPERATOR),
    };
    const lines = Object.entries(files).map(([path, text]) => {
      const copy = join(this.folder, basename(path));
      writeFileSync(copy, text, { mode: statSync(path).mode });
      return `mount --bind '${copy}' ${path}`;
    });
    return ['mkdir -p /run/sshd', ...lines, 'exec "$@"'].join('\n');
  }

  public get pid(): number {
    return this.daemon?.pid ?? 0;
  }

  /** The file with the key that it accepts. */
  public get keyFile(): string {
    return join(this.folder, 'user');
  }

  public get knownHosts(): string {
    return join(this.folder, 'known_hosts');
  }

  /** The users that logged in since the last call, one per connection. */
  public connections(): readonly string[] {
    const users = [...this.said.matchAll(/Accepted publickey for (\S+)/g)].map(([, user]) => user as string);
    this.said = '';
    return users.sort();
  }

  /** The users that logged in since the last call. */
  public users(): readonly string[] {
    return [...new Set(this.connections())];
  }

  /** Cuts every connection, as soon as there is one, like a pulled cable: what it was running is left behind. */
  public async cut(): Promise<void> {
    await until('sshd has a connection', () => execa('pkill', ['-KILL', '-P', String(this.pid)]), 20);
  }

  public async stop(): Promise<void> {
    this.daemon?.kill();
    await this.daemon;
    if (this.folder !== '') rmSync(this.folder, { recursive: true });
  }
}

/** The rule that docs/own-cluster.md gives to its account, for another one. */
export function sudoers(user: string): string {
  const page = readFileSync(join(__dirname, '../../docs/own-cluster.md'), 'utf8');
  const rule = /^```sudoers\nadmin (.*\n)```$/m.exec(page)?.[1];
  if (rule === undefined) throw new Error('docs/own-cluster.md has no rule for the account admin');
  return `${user} ${rule}`;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
