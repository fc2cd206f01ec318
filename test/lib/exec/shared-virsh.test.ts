import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { argvOf, delimitedArgvOf } from '../../../lib/exec/transport';

describe('virsh over ssh', () => {
  const before = { ...process.env };
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'virsh-'));
    process.env['XDG_RUNTIME_DIR'] = folder;
    // An `ssh` that prints its arguments and shares no connection.
    const shell = `case $1 in -V) echo OpenSSH_9.2p1 >&2 ;; -G) echo controlmaster false ;; *) printf '%s\\n' "$@" ;; esac`;
    writeFileSync(join(folder, 'ssh'), `#!/bin/sh\n${shell}\n`, { mode: 0o755 });
    process.env['PATH'] = [folder, before['PATH']].join(delimiter);
  });

  afterEach(() => {
    process.env = { ...before };
    rmSync(folder, { recursive: true });
  });

  function uriOf(uri: string): string {
    const argv = argvOf({ argv: ['virsh', '--quiet', '--connect', uri, 'list'], transport: { type: 'local' } });
    expect(
      delimitedArgvOf({ argv: ['virsh', '--quiet', '--connect', uri, 'list'], transport: { type: 'local' } }),
    ).toEqual(argv);
    expect([...argv.slice(0, 3), ...argv.slice(4)]).toEqual(['virsh', '--quiet', '--connect', 'list']);
    return argv[3] as string;
  }

  const commandOf = (uri: string): string => decodeURIComponent(/[?&]command=([^&]+)$/.exec(uriOf(uri))?.[1] ?? '');

  test('uses the connection that other commands on the machine share', () => {
    const uri = 'qemu+ssh://root@kvm1:2222/system?keyfile=/k';
    expect(uriOf(uri)).toMatch(/^qemu\+ssh:\/\/root@kvm1:2222\/system\?keyfile=\/k&command=/);
    const given = execFileSync(commandOf(uri), ['-p', '2222', '--', 'kvm1', 'sh'], {
      encoding: 'utf8',
      env: process.env,
    }).split('\n');
    const transport = { type: 'ssh', destination: 'root@kvm1', port: 2222, identityFile: '/k' } as const;
    const socket = argvOf({ argv: ['true'], transport }).find((word) => word.startsWith('ControlPath='));
    expect(given).toEqual(expect.arrayContaining([socket, 'ControlMaster=auto', 'ServerAliveInterval=15']));
    expect(given.slice(-6, -1)).toEqual(['-p', '2222', '--', 'kvm1', 'sh']);
  });

  test('uses another connection when its URI describes the machine differently', () => {
    const uris = ['', '?knownhosts=/a', '?knownhosts=/b', '?no_verify=1'].map(
      (query) => `qemu+ssh://kvm1/system${query}`,
    );
    expect(new Set(uris.map(commandOf)).size).toBe(4);
  });

  test('finds its way through a file that only this user can write, written once', () => {
    const [first, second] = [commandOf('qemu+ssh://kvm9/system'), commandOf('qemu+ssh://kvm9/system')];
    expect(second).toBe(first);
    const place = join(folder, `cdktf-libvirt-ceph-${process.getuid?.() ?? ''}`);
    expect(readdirSync(place).map((name) => join(place, name))).toEqual([first]);
    expect(readFileSync(first, 'utf8')).toMatch(/^#!\/bin\/sh\nexec ssh -o ControlMaster=auto .* "\$@"\n$/);
  });

  test.each([
    ['qemu:///system'],
    ['qemu+unix:///system?socket=/run/x'],
    ['qemu+tls://kvm1/system'],
    ['qemu+libssh2://kvm1/system'],
    ['qemu+ssh://kvm1/system?command=/usr/local/bin/my-ssh'],
  ])('stays unchanged for %s', (uri) => {
    expect(uriOf(uri)).toBe(uri);
  });
});
