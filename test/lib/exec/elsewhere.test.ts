import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Children } from '../../../lib/exec/children';
import { makeTools } from '../../../lib/exec/make-tools';
import type { TransportSpec } from '../../../lib/model';
import type { Command } from '../../../lib/steps/tools';

const folder = mkdtempSync(join(tmpdir(), 'elsewhere-'));
const path = process.env['PATH'];
const tools = makeTools({ children: new Children(), holder: 'a test', say: () => undefined });
const local: TransportSpec = { type: 'local' };

/**
 * Printed before a command by a .bashrc with 'echo', a motd or a container's entry point, and after it by a
 * .bash_logout.
 */
const NOISY = `echo hello; echo '{"key":"of a shell"}'; echo held; %; s=$?; echo bye; exit $s`;
/** The transports, each to a place where something else prints on standard output. */
const WAYS: readonly (readonly [string, TransportSpec])[] = [
  ['over ssh', { type: 'ssh', destination: 'root@noisy' }],
  ['over ssh, by sudo', { type: 'ssh', destination: 'root@noisy', sudo: true }],
  ['behind a prefix', { type: 'command', prefix: ['sh', '-c', NOISY.replace('%', '"$@"'), 'sh'] }],
];

function program(name: string, ...lines: string[]): string {
  const file = join(folder, name);
  writeFileSync(file, ['#!/bin/sh', ...lines, ''].join('\n'));
  chmodSync(file, 0o755);
  return file;
}

beforeAll(() => {
  program('ssh', 'for line; do :; done', `exec sh -c "${NOISY.replace(/["$]/g, '\\$&').replace('%', '$line')}"`);
  program('sudo', `echo 'We trust you have received the usual lecture'`, 'shift 2', '"$@"');
  process.env['PATH'] = `${folder}${delimiter}${path ?? ''}`;
});
afterAll(() => {
  process.env['PATH'] = path;
  rmSync(folder, { recursive: true });
});

describe.each(WAYS)('The output of a command %s, where a login shell prints as well', (_, transport) => {
  const print = (text: string): Command => ({ argv: ['printf', '%s', text], transport });

  test('is returned byte for byte, without the last newline', async () => {
    expect(await tools.run(print('one\ntwo\n\n'))).toBe('one\ntwo\n');
    expect(await tools.run(print(''))).toBe('');
  });

  test('keeps its exit code and its error message', async () => {
    const outcome = await tools.attempt({ argv: ['sh', '-c', 'echo out; echo err >&2; exit 17'], transport });
    expect(outcome).toEqual({ exitCode: 17, stdout: 'out', stderr: 'err' });
  });

  test('has the same digest as here', async () => {
    const text = `${'x'.repeat(100_000)}<end`;
    expect(await tools.digest(print(text))).toBe(await tools.digest({ ...print(text), transport: local }));
  });

  test('passes through a pipe byte for byte', async () => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')];
    const bytes = Buffer.from(Array.from({ length: 300_000 }, (__, at) => (at * at + '<'.charCodeAt(0)) % 256));
    writeFileSync(from, bytes);
    await tools.pipe({ argv: ['cat', from], transport }, { argv: ['dd', `of=${to}`, 'status=none'], transport: local });
    expect(readFileSync(to).equals(bytes)).toBe(true);
  });

  test('is only the key, where Ceph warns as well', async () => {
    const to = join(folder, 'key');
    const ceph = program('ceph', 'echo WARNING: all is old', `printf '\\n{"key":"AgB+/="}'`);
    const source = { argv: [ceph, 'auth', 'get-key'], transport };
    const digest = createHash('sha256').update('AgB+/=').digest('hex');
    expect(await tools.pipeKey(source, { argv: ['dd', `of=${to}`, 'status=none'], transport: local })).toBe(digest);
    expect(readFileSync(to, 'utf8')).toBe('AgB+/=');
  });

  test('counts as a lock only once the lock is held', async () => {
    const lock = { file: `elsewhere-${process.pid}`, transport };
    const order: string[] = [];
    const hold = (name: string) =>
      tools.withLock(lock, async () => {
        order.push(`${name} begins`);
        await tools.sleep(0.3);
        order.push(`${name} ends`);
      });
    await Promise.all([hold('one'), hold('other')]);
    const [first, second] = order[0] === 'one begins' ? ['one', 'other'] : ['other', 'one'];
    expect(order).toEqual([`${first} begins`, `${first} ends`, `${second} begins`, `${second} ends`]);
  });
});

test.each([
  ['no key', 'echo AQBhellohello=='],
  ['several keys', `echo '{"key":"a"}'; echo '{"key":"b"}'`],
])('fails when %s is printed, and passes nothing on', async (what, shell) => {
  const to = join(folder, `none-${what}`);
  const source = { argv: [program('ceph', shell), 'auth', 'get-key'], transport: local };
  const sink = { argv: ['dd', `of=${to}`], transport: local };
  await expect(tools.pipeKey(source, sink)).rejects.toThrow(`printed ${what} instead of one`);
  expect(() => readFileSync(to)).toThrow('ENOENT');
});

test('fails when output is cut off on its way, even though the command succeeded', async () => {
  const cut: TransportSpec = { type: 'command', prefix: ['sh', '-c', '"$@" | head -c 70', 'sh'] };
  const command = { argv: ['echo', 'x'.repeat(100)], transport: cut };
  const said = /the output of 'echo' by 'sh .*' is incomplete, although the command succeeded; commands must/;
  await expect(tools.run(command)).rejects.toThrow(said);
  await expect(tools.digest(command)).rejects.toThrow(said);
  await expect(tools.pipe(command, { argv: ['cat'], transport: local })).rejects.toThrow(said);
});
