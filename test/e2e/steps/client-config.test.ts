import { mkdtemp, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { runScript, runScriptWell, useLab, verifyScript } from '../../helpers/lab';

useLab(); // the bundle needs no cluster here; Ceph's tools read what it wrote

/** One character a byte. */
const REST = '[global]\nfsid = 1\n\n# M\xc3\xbcller wrote this\n[client]\nrbd cache = true\n';
let folder: string;
let confFile: string;
const place = (): object => ({
  host: { uri: 'qemu:///system', transport: { type: 'local' } },
  entity: 'client.t-config',
  confFile,
});
const spec = (more: object = {}): object => ({
  ...place(),
  logFile: '/var/log/ceph/t.log',
  adminSocket: '/run/ceph/t.asok',
  ...more,
});
const content = async (): Promise<string> => (await readFile(confFile)).toString('latin1');

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'client-config-'));
  confFile = join(folder, 'ceph.conf');
  await writeFile(confFile, REST, { encoding: 'latin1', mode: 0o640 });
});
afterEach(() => rm(folder, { recursive: true }));

test('seed 10: Ceph reads log file and admin socket of the client, and the rest of the file is unchanged', async () => {
  await runScriptWell('client-config', 'ensure', spec());
  const lookup = async (name: string): Promise<string> =>
    (await execa('ceph-conf', ['--conf', confFile, '--name', 'client.t-config', '--lookup', name])).stdout;
  expect(await lookup('log file')).toBe('/var/log/ceph/t.log');
  expect(await lookup('admin socket')).toBe('/run/ceph/t.asok');
  expect((await content()).startsWith(REST)).toBe(true);
  expect((await stat(confFile)).mode & 0o777).toBe(0o640);
  expect(await verifyScript('client-config', spec())).toMatchObject({ ok: true });
  await runScriptWell('client-config', 'remove', place());
  expect(await content()).toBe(REST);
});

test('a file without a final newline gets none, and what QEMU must be allowed to write is reported, with AppArmor and SELinux', async () => {
  await writeFile(confFile, REST.trimEnd(), 'latin1');
  const said = await runScriptWell('client-config', 'ensure', spec());
  expect(said).toContain('running VMs read it at their next start');
  expect(said).toContain('QEMU must be allowed to write /var/log/ceph/t.log and /run/ceph/t.asok');
  expect(said).toContain('with AppArmor in /etc/apparmor.d/local/abstractions/libvirt-qemu');
  expect(said).toContain('with SELinux by a label that svirt_t may write');
  expect(
    (await execa('ceph-conf', ['--conf', confFile, '--name', 'client.t-config', '--lookup', 'rbd cache'])).stdout,
  ).toBe('true');
  await runScriptWell('client-config', 'remove', place());
  expect(await content()).toBe(REST.trimEnd());
});

test('a change is written in its place, and a link stays a link', async () => {
  const real = join(folder, 'real.conf');
  await writeFile(real, REST, 'latin1');
  await rm(confFile);
  await symlink(real, confFile);
  await runScriptWell('client-config', 'ensure', spec());
  await writeFile(real, `${await content()}[client.other]\nx = 1\n`, 'latin1');
  await runScriptWell('client-config', 'ensure', spec({ adminSocket: undefined }));
  expect(await content()).not.toContain('admin socket');
  await runScriptWell('client-config', 'remove', place());
  expect((await readFile(real)).toString('latin1')).toBe(`${REST}[client.other]\nx = 1\n`);
});

test('a missing file is created, and removed with its last block', async () => {
  await rm(confFile);
  await runScriptWell('client-config', 'ensure', spec());
  expect(await content()).toContain('[client.t-config]');
  await runScriptWell('client-config', 'remove', place());
  await expect(stat(confFile)).rejects.toThrow('ENOENT');
  await runScriptWell('client-config', 'remove', place());
});

test('fails for a section that it did not write, and touches nothing', async () => {
  const foreign = `${REST}[ client.t-config ]\nlog file = /x\n`;
  await writeFile(confFile, foreign, 'latin1');
  const refused = await runScript('client-config', 'ensure', spec());
  expect(refused.exitCode).toBe(1);
  expect(refused.stderr).toContain('has a section [client.t-config] that this tool did not create');
  expect(await content()).toBe(foreign);
});

test('keeps what another owner or an earlier entry wrote', async () => {
  await runScriptWell('client-config', 'ensure', {
    ...spec(),
    owner: { project: 'other', stack: 's', workspace: 'w' },
    entryId: 'other',
  });
  const refused = await runScript('client-config', 'ensure', spec());
  expect(refused.stderr).toContain(`belongs to project 'other'`);
  expect(await runScriptWell('client-config', 'remove', place())).toContain('so it is kept');
  expect(await content()).toContain('[client.t-config]');
});
