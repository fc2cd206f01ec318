import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { betweenDelimiters } from '../../../lib/exec/delimited-output';
import { locationOf } from '../../../lib/exec/location';
import { argvOf, delimitedArgvOf } from '../../../lib/exec/transport';
import type { TransportSpec } from '../../../lib/model';

const ssh: TransportSpec = { type: 'ssh', destination: 'root@mon1' };

test('a local command runs unchanged', () => {
  expect(argvOf({ argv: ['ceph', '-s'], transport: { type: 'local' } })).toEqual(['ceph', '-s']);
});

test('a prefix comes before the command, word by word', () => {
  const transport: TransportSpec = { type: 'command', prefix: ['cephadm', 'shell', '--'] };
  expect(argvOf({ argv: ['ceph', '-s'], transport })).toEqual(['cephadm', 'shell', '--', 'ceph', '-s']);
});

test('ssh never prompts, gives up on a silent machine, and gets port, key and jump host', () => {
  const transport: TransportSpec = { ...ssh, port: 2222, identityFile: '/k', jumpHost: 'bastion', sudo: true };
  const argv = argvOf({ argv: ['ceph', '-s'], transport });
  expect(argv.slice(-3)).toEqual(['--', 'root@mon1', `'sudo' '-n' '--' 'ceph' '-s'`]);
  expect(argv.join(' ')).toContain('-o BatchMode=yes -o ConnectTimeout=10');
  expect(argv.join(' ')).toContain('-p 2222 -i /k -J bastion');
});

test('a remote POSIX shell passes every word to the command byte for byte', () => {
  const word = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.constantFrom('$(id)', '`id`', "'", '"', '\n', '*', '~', '', '-n'),
  );
  fc.assert(
    fc.property(
      fc.array(
        word.map((text) => text.replace(/\0/g, '')),
        { maxLength: 200 },
      ),
      (words) => {
        const command = { argv: ['printf', '%s\\0', ...words], transport: ssh };
        const line = delimitedArgvOf(command).at(-1) as string;
        const printed = betweenDelimiters(command, execFileSync('sh', ['-c', line], { encoding: 'utf8' }), 0);
        expect(printed).toBe(words.length === 0 ? '\0' : words.map((text) => `${text}\0`).join(''));
      },
    ),
    { numRuns: 100 },
  );
});

test('remote output is enclosed in marks, by the shell that sudo starts, and local output is not', () => {
  const framed = (transport: TransportSpec): readonly string[] => delimitedArgvOf({ argv: ['ceph', '-s'], transport });
  expect(framed({ type: 'local' })).toEqual(['ceph', '-s']);
  expect(framed({ type: 'command', prefix: ['cephadm', 'shell', '--'] })).toEqual([
    ...['cephadm', 'shell', '--', 'sh', '-c', expect.stringContaining('"$@"'), 'sh'],
    ...[expect.stringMatching(/^cdktf-libvirt-ceph [0-9a-f-]{36}$/), 'ceph', '-s'],
  ]);
  expect(framed({ ...ssh, sudo: true }).at(-1)).toMatch(/^'sudo' '-n' '--' 'sh' '-c' '.*ceph.*-s.*'$/);
});

test('a location reads as a person would write it', () => {
  expect(locationOf(ssh)).toBe('on root@mon1');
  expect(locationOf({ type: 'command', prefix: ['cephadm', 'shell'] })).toBe(`by 'cephadm shell'`);
});
