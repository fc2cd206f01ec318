import { execFileSync, spawnSync } from 'node:child_process';
import { scriptOf } from '../../../lib/cli/runbook-script';

const script = (...lines: string[]): string => scriptOf({ about: [], places: [] }, lines).join('\n');

/** `sleep` only moves the clock. */
const QUICK = 'sleep() { SECONDS=$((SECONDS + 10)); }';

function run(...lines: string[]): { readonly status: number | null; readonly stdout: string; readonly stderr: string } {
  const { status, stdout, stderr } = spawnSync('bash', ['-c', script(QUICK, ...lines)], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  return { status, stdout, stderr };
}

test('a script ends at the first command that fails, also within a pipe, and at a variable that is not set', () => {
  expect(run('false', 'echo on')).toMatchObject({ status: 1, stdout: '' });
  expect(run('false | cat', 'echo on')).toMatchObject({ status: 1, stdout: '' });
  expect(run('echo "$gone"', 'echo on')).toMatchObject({ status: 1, stdout: '' });
});

test('a script has the functions that it uses, and no others', () => {
  const text = script('echo a | absent b');
  expect(text).toMatch(/^absent\(\)/m);
  expect(text).not.toMatch(/^(ours|unused|empty|shut_down)\(\)/m);
});

test('a script says where its commands run, each place once', () => {
  const host = { uri: 'qemu+ssh://kvm1/system\ntouch pwned', transport: { type: 'local' } };
  const cluster = { monitors: [], transport: { type: 'ssh', destination: 'mon1' } };
  const lines = scriptOf({ about: ['What it is.'], places: [{ cluster, host }, { cluster }] }, ['true']);
  expect(lines.slice(0, 5)).toEqual([
    '#!/usr/bin/env bash',
    '# What it is.',
    "# - 'ceph' and 'rbd' run on mon1, by ssh",
    "# - 'virsh' runs here, and reaches libvirt by qemu+ssh://kvm1/system touch pwned",
    'set -euo pipefail',
  ]);
});

test('its folder for files goes with its end', () => {
  const { stdout } = run('touch "${folder:?}"/a', 'echo "$folder"');
  expect(() => execFileSync('ls', [stdout.trim()], { stdio: 'pipe' })).toThrow();
});

describe('absent', () => {
  test.each([
    ['a name', 'printf "a \\nb\\n"', 'b'],
    ['the first word of a row', 'printf " b  c\\n"', 'b'],
    ['a last line without its end', 'printf "a\\nb"', 'b'],
  ])('ends the script at %s that is there', (_, list, name) => {
    const { status, stdout, stderr } = run(`${list} | absent ${name}`, 'echo on');
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toBe("'b' already exists: it was not changed\n");
  });

  test('goes on where the name is not there, and not where the list cannot be had', () => {
    expect(run("printf 'bb\\nb.\\n' | absent b", 'echo on')).toMatchObject({ status: 0, stdout: 'on\n' });
    expect(run('true | absent b', 'echo on')).toMatchObject({ status: 0 });
    expect(run('false | absent b', 'echo on')).toMatchObject({ status: 1, stdout: '' });
  });
});

test('empty ends the script where anything is left, and shows it', () => {
  expect(run('echo web1 | empty', 'echo on')).toMatchObject({
    status: 1,
    stdout: '',
    stderr: expect.stringMatching(/^web1\n/),
  });
  expect(run('true | empty', 'echo on')).toMatchObject({ status: 0, stdout: 'on\n' });
  expect(run('false | empty', 'echo on')).toMatchObject({ status: 1, stdout: '' });
});

test('ours ends the script unless the mark holds all of the texts', () => {
  const mark = `echo '{"id":"4","entryId":"e1"}'`;
  expect(run(`${mark} | ours e1 '"id":"4"'`, 'echo on')).toMatchObject({ status: 0, stdout: 'on\n' });
  expect(run(`${mark} | ours e1 '"id":"5"'`, 'echo on')).toMatchObject({ status: 1, stdout: '' });
  expect(run(`${mark} | ours '*'`, 'echo on')).toMatchObject({ status: 1, stdout: '' });
  expect(run(`${mark} | ours ''`, 'echo on')).toMatchObject({ status: 1, stdout: '' });
  expect(run('false | ours e1', 'echo on')).toMatchObject({ status: 1, stdout: '' });
});

describe('unused', () => {
  test('waits for a client that is about to go, and then goes on', () => {
    const status = 'status() { ((SECONDS > 15)) || echo watcher=10.0.0.1; }';
    expect(run(status, 'unused watcher= status', 'echo on')).toMatchObject({ status: 0, stdout: 'on\n' });
  });

  test.each([
    ['stays', 'echo watcher=10.0.0.1'],
    ['cannot be told', 'false'],
  ])('ends the script where the client %s', (_, command) => {
    expect(run(`unused watcher= ${command}`, 'echo on')).toMatchObject({ status: 1, stdout: '' });
  });
});

describe('shut_down', () => {
  /** A virsh whose VM is off after one of the verbs was called. */
  const virshEndedBy = (verb: string): string =>
    `off=running; virsh() { case $1 in ${verb}) off='shut off';; domstate) echo "$off";; esac; [ "$1" = domstate ] || echo "$*"; }`;
  // domstate runs in a subshell and the verbs do not, so they can keep the state in a variable.

  test('asks a guest to shut down, and returns once it is off', () => {
    expect(run(virshEndedBy('shutdown'), 'shut_down web1 30 virsh', 'echo on')).toMatchObject({
      status: 0,
      stdout: 'shutdown web1\non\n',
    });
  });

  test('switches off a guest that does not listen, after its time', () => {
    const { status, stdout } = run(virshEndedBy('destroy'), 'shut_down web1 25 virsh', 'echo on');
    expect({ status, stdout }).toEqual({ status: 0, stdout: 'shutdown web1\ndestroy web1\non\n' });
  });

  test('does nothing to a VM that is off, and ends the script where there is none', () => {
    expect(run("virsh() { echo 'shut off'; }", 'shut_down web1 30 virsh', 'echo on').stdout).toBe('on\n');
    expect(run('shut_down web1 30 false', 'echo on')).toMatchObject({ status: 1, stdout: '' });
  });
});
