import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import type * as sharedSsh from '../../../lib/exec/shared-ssh';

type SharedSsh = typeof sharedSsh;

const uid = process.getuid?.() ?? 0;

describe('An ssh connection', () => {
  const before = { ...process.env };
  let folder: string;
  let place: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ssh-'));
    place = join(folder, `cdktf-libvirt-ceph-${uid}`);
    process.env['XDG_RUNTIME_DIR'] = folder;
  });

  afterEach(() => {
    process.env = { ...before };
    rmSync(folder, { recursive: true });
  });

  /** The options for a destination, given the output of `ssh -V` and `ssh -G`. */
  function options(said: string, destination = 'root@mon1', { more = [] as string[], version = '9.2p1' } = {}) {
    const shell = `if [ "$1" = -V ]; then echo 'OpenSSH_${version}, OpenSSL 3' >&2; else printf '%s\\n' '${said}'; fi`;
    writeFileSync(join(folder, 'ssh'), `#!/bin/sh\n${shell}\n`, { mode: 0o755 });
    process.env['PATH'] = [folder, before['PATH']].join(delimiter);
    let found: readonly string[] = [];
    jest.isolateModules(() => {
      const { sharedConnection } = jest.requireActual<SharedSsh>('../../../lib/exec/shared-ssh');
      found = sharedConnection(more, destination)?.options ?? [];
    });
    return found;
  }

  const OWN = 'controlmaster false\ncontrolpersist no';

  test('is shared through a socket in a folder that only the user can access, one per machine and transport', () => {
    const [, master, , path, , persist] = options(OWN);
    expect([master, persist]).toEqual(['ControlMaster=auto', 'ControlPersist=15']);
    expect(path).toMatch(new RegExp(`^ControlPath=${place}/[0-9a-f]{16}-[012]$`));
    expect(options(OWN)[3]).toBe(path);
    expect(options(OWN, 'root@mon2')[3]).not.toBe(path);
    expect(options(OWN, 'root@mon1', { more: ['-p', '2222'] })[3]).not.toBe(path);
  });

  test("does not ask for the user's configuration again while another script holds it open", async () => {
    const [, , , path = ''] = options(OWN);
    const server = createServer().listen(path.replace('ControlPath=', ''));
    await once(server, 'listening');
    expect(options('controlpath /home/me/%C')[3]).toBe(path);
    server.close();
    await once(server, 'close');
    expect(options('controlpath /home/me/%C')).toEqual([]);
  });

  test.each([['controlmaster auto\ncontrolpath /home/me/%C'], ['controlmaster false\ncontrolpath /home/me/%C']])(
    "is left alone when the user's own configuration shares it: %j",
    (said) => {
      expect(options(said)).toEqual([]);
    },
  );

  test.each<[string, () => void]>([
    ['others may write to', () => chmodSync(place, 0o770)],
    ['is a link', () => (rmSync(place, { recursive: true }), symlinkSync('/tmp', place))],
  ])('is not shared through a folder that %s', (_, spoil) => {
    mkdirSync(place, { mode: 0o700 });
    spoil();
    expect(options(OWN)).toEqual([]);
  });

  test.each([['8.0p1'], ['8.4p1 Debian-5']])(
    'is not shared with an ssh version that keeps the output of a command open: %s',
    (version) => {
      expect(options(OWN, 'root@mon1', { version })).toEqual([]);
      expect(options(OWN, 'root@mon1', { version: '8.5p1' })).toHaveLength(6);
      expect(options(OWN, 'root@mon1', { version: 'for_Windows_9.5p1' })).toHaveLength(6);
    },
  );

  test.each([['100% mine'], ['a b'], ['"a"']])('is not shared through a folder that ssh would misread: %s', (name) => {
    process.env['XDG_RUNTIME_DIR'] = join(folder, name);
    mkdirSync(process.env['XDG_RUNTIME_DIR']);
    expect(options(OWN)).toEqual([]);
  });

  test('is not shared when the path of its socket would be too long', () => {
    process.env['XDG_RUNTIME_DIR'] = join(folder, 'x'.repeat(80));
    mkdirSync(process.env['XDG_RUNTIME_DIR'], { recursive: true });
    expect(options(OWN)).toEqual([]);
  });
});
