import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execFileSync } from 'node:child_process';
import type { ClusterSpec, TransportSpec } from '../../../lib/model';
import { comment, localLine, rbdLine, supplied, withText } from '../../../lib/steps/runbook-lines';
import { jsonWord, literally } from '../../../lib/steps/runbook-words';

const folder = mkdtempSync(join(tmpdir(), 'clc-by-hand-'));
const HOSTILE = [
  ...["it's", '"quoted"', '$(touch pwned)', '`touch pwned`', '${id:?}', '; touch pwned', '-rf', '--help', '', ' '],
  ...['two\nlines', '\\', '*', '~', '!!', '#', '<x>', "'; touch pwned; '", 'ü 😀', '&& touch pwned'],
];

/** Replacements for the tools: one that prints its arguments, and an ssh that passes its last argument to a shell. */
beforeAll(() => {
  const tool = (name: string, text: string) =>
    writeFileSync(join(folder, name), `#!/bin/bash\n${text}\n`, { mode: 0o755 });
  tool('rbd', `printf '%s\\0' "$@"`);
  tool('ssh', 'exec sh -c "${@: -1}"');
  tool('sudo', 'exec "${@:3}"');
});
afterAll(() => rmSync(folder, { recursive: true }));

function bash(script: string, env: { readonly [name: string]: string } = {}): string {
  const PATH = `${folder}:${process.env['PATH'] ?? ''}`;
  return execFileSync('bash', ['-c', `set -eu\n${script}`], {
    ...{ encoding: 'utf8', cwd: folder, env: { PATH, ...env } },
    // With a socket as standard input, bash would think that it is a remote shell and read the user's settings.
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const TRANSPORTS: readonly (readonly [string, TransportSpec])[] = [
  ['here', { type: 'local' }],
  ['behind a prefix', { type: 'command', prefix: ['env', 'A=$(touch pwned)'] }],
  [
    'over ssh',
    { type: 'ssh', destination: 'root@mon1', port: 22, identityFile: "/it's", jumpHost: 'jump', sudo: true },
  ],
];

describe.each(TRANSPORTS)('a line that runs %s', (_, transport) => {
  const cluster: ClusterSpec = { monitors: [], transport };

  test('gives every word to its tool as it is', () => {
    expect(
      bash(rbdLine(cluster, ...HOSTILE))
        .split('\0')
        .slice(0, -1),
    ).toEqual(HOSTILE);
    expect(readdirSync(folder)).not.toContain('pwned');
  });

  test('gives it what a variable holds in the middle of a text', () => {
    const mark = { owner: `"id":"" {"id":"" ,"id":"" it's $(touch pwned)`, id: '', nested: { keyId: '' } };
    const filled = { id: [{ variable: 'id' }, ':', { variable: 'number' }], keyId: [{ variable: 'id' }] };
    const [given = ''] = bash(rbdLine(cluster, jsonWord(mark, filled)), { id: '10ab', number: '4' }).split('\0');
    expect(JSON.parse(given)).toEqual({ owner: mark.owner, id: '10ab:4', nested: { keyId: '10ab' } });
    expect(readdirSync(folder)).not.toContain('pwned');
  });

  test('fails where the variable holds nothing', () => {
    expect(() => bash(rbdLine(cluster, [{ variable: 'id' }]), { id: '' })).toThrow();
  });
});

test('the options of a cluster and of ssh are in the line', () => {
  const transport: TransportSpec = { type: 'ssh', destination: 'root@mon1', port: 2222, identityFile: '/k' };
  const cluster = { monitors: [], transport, confFile: '/etc/ceph/b.conf', adminId: 'deployer', keyringFile: '/r' };
  expect(rbdLine(cluster, 'ls', 'vms')).toBe(
    `ssh -p 2222 -i /k root@mon1 'rbd --conf /etc/ceph/b.conf --id deployer --keyring /r ls vms'`,
  );
});

test('a text arrives byte for byte, also where one of its lines is the end of a text', () => {
  const text = `<a>$(touch pwned)\nXML\ntouch pwned\nXML_\n\`touch pwned\` \\ "x" 'y'</a>\n`;
  expect(bash(withText('cat', text, 'XML').join('\n'))).toBe(text);
  expect(readdirSync(folder)).not.toContain('pwned');
});

test('a comment stays one line whatever it holds', () => {
  expect(comment('a\ntouch pwned\r\u2028b\0')).toBe('# a touch pwned b ');
});

test('a pattern finds the text itself alone', () => {
  const found = (text: string): string => bash(`printf '%s\\n' 'a.b*[/]' 'axb[/]' | ${localLine('sed', '-n', text)}`);
  expect(found(`/^${literally('a.b*[/]')}$/p`)).toBe('a.b*[/]\n');
});

test('what an apply alone knows is asked for in words that no shell reads', () => {
  const line = supplied('folder', 'of vms/a: $(touch pwned) `x` "}');
  expect(line).toBe(': "${folder:?of vms/a: touch pwned x }"');
  expect(() => bash(line)).toThrow('of vms/a');
  expect(bash(line, { folder: '/srv' })).toBe('');
});
