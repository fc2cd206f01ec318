import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Scene } from '../../helpers/scene';
import { synth } from '../../helpers/synth';

/** The command of a provisioner as Terraform passes it to the shell. */
function line(): string {
  const { json } = synth((stack) => new Scene(stack).pool);
  const { provisioner } = json.resource.terraform_data.vms_spec;
  return (provisioner[0]['local-exec'].command as string).replace('${path.module}', '.');
}

test('where Terraform finds no Node.js, one line says what is needed, with the exit code of a missing command', () => {
  const { status, stderr, stdout } = spawnSync('/bin/sh', ['-c', line()], {
    env: { PATH: '/nowhere' },
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr }).toEqual({
    status: 127,
    stdout: '',
    stderr: 'Node.js 20.19 or later is needed as "node" in PATH where Terraform runs\n',
  });
});

test.each([
  ['12.22.12', 1],
  ['20.18.3', 1],
  ['20.19.0', 0],
  ['22.0.0', 0],
])('the first lines of the script judge Node.js %s by themselves', (version, status) => {
  const folder = mkdtempSync(join(tmpdir(), 'node-version-'));
  const file = join(folder, 'bundle.cjs');
  const asIf = `Object.defineProperty(process.versions, 'node', { value: '${version}' });\n`;
  writeFileSync(file, asIf + readFileSync('build.node-version.cjs', 'utf8'));
  const run = spawnSync(process.execPath, [file], { encoding: 'utf8' });
  rmSync(folder, { recursive: true });
  expect(run.status).toBe(status);
  const said = `needs Node.js 20.19 or later as "node" where Terraform runs, found ${version} (${process.execPath})`;
  expect(run.stderr).toContain(status === 0 ? '' : said);
  expect(run.stderr.split('\n').length).toBe(status === 0 ? 1 : 2);
});

test('the version asked for is the one in package.json', () => {
  const { engines } = JSON.parse(readFileSync('package.json', 'utf8')) as { engines: { node: string } };
  const version = engines.node.replace('>=', '');
  for (const file of ['build.node-version.cjs', 'lib/terraform/script-provisioner.ts']) {
    expect(execFileSync('grep', ['-c', version, file], { encoding: 'utf8' }).trim()).not.toBe('0');
  }
});
