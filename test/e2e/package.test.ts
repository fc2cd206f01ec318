import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative } from 'node:path';
import { expectValidForProvider } from '../helpers/provider-schema';
import { firstTsBlock } from '../helpers/ts-blocks';

const ROOT = join(__dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const source = join(folder, 'source');
const project = join(folder, 'project');

/** Its standard output; throws with what else it said. */
function run(cwd: string, command: string, ...args: string[]): string {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}
const node = (script: string): string => run(project, process.execPath, '-e', script);

/** The files below a folder, by their path in it. */
function filesBelow(below: string): string[] {
  const entries = readdirSync(below, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(below, join(entry.parentPath, entry.name)));
}

function synthesized(name: string): string[] {
  const stacks = join(project, 'cdktf.out/stacks');
  return filesBelow(stacks)
    .filter((file) => basename(file) === name)
    .map((file) => join(stacks, file));
}

/** The package as `npm publish` would send it, built from a copy so that nothing here is built anew. */
function pack(): string {
  mkdirSync(source);
  const parts = ['constructs', 'lib', 'docs', 'README.md', 'LICENSE', 'build.mjs', 'package.json'];
  const present = [...parts, 'tsconfig.json', 'tsconfig.build.json'].filter((part) => existsSync(join(ROOT, part)));
  present.forEach((part) => cpSync(join(ROOT, part), join(source, part), { recursive: true }));
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  run(source, 'npm', 'run', 'build');
  const [{ filename }] = JSON.parse(run(source, 'npm', 'pack', '--json')) as [{ filename: string }];
  return join(source, filename);
}

/** Compiles a `main.ts` with what is installed in the project, and runs it. */
function compileAndRun(cwd: string): void {
  const compilerOptions = { strict: true, target: 'ES2022', module: 'node16', skipLibCheck: true, types: [] };
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify({ compilerOptions, files: ['main.ts'] }));
  run(cwd, process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'));
  run(cwd, process.execPath, 'main.js');
}

describe('The package in an empty project', () => {
  beforeAll(() => {
    const tarball = pack();
    mkdirSync(project);
    writeFileSync(join(project, 'package.json'), '{ "name": "empty", "private": true }');
    writeFileSync(join(project, 'cdktf.json'), '{ "language": "typescript", "app": "true", "projectId": "empty" }');
    writeFileSync(join(project, 'main.ts'), firstTsBlock('README.md'));
    const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
      devDependencies: { [name: string]: string };
    };
    const peers = ['cdktf', 'constructs'].map((name) => `${name}@${devDependencies[name] ?? ''}`);
    run(project, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', tarball, ...peers);
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it("compiles the README's stack and synthesizes it, with the script in the synthesized folder", () => {
    compileAndRun(project);
    const scripts = synthesized('exec.cjs');
    expect(scripts).toHaveLength(1);
    const packed = readFileSync(join(project, 'node_modules/cdktf-libvirt-ceph/dist/lib/exec.cjs'));
    expect(readFileSync(scripts[0] ?? '').equals(packed)).toBe(true);
    const [file = ''] = synthesized('cdk.tf.json');
    expect(readFileSync(file, 'utf8')).toContain('"libvirt_domain"');
  });

  it("compiles the stack of the page of the bindings by the package's second entry and synthesizes it", () => {
    const folderOfBindings = join(project, 'bindings');
    mkdirSync(folderOfBindings);
    writeFileSync(join(folderOfBindings, 'main.ts'), firstTsBlock('docs/provider-bindings.md'));
    compileAndRun(folderOfBindings);
    const text = readFileSync(join(folderOfBindings, 'cdktf.out/stacks/web/cdk.tf.json'), 'utf8');
    // A provider, a network, a domain and its addresses.
    expect(expectValidForProvider(text)).toBe(4);
    expect(text).toContain('${data.libvirt_domain_interface_addresses.addresses.interfaces[0].addrs[0].addr}');
  });

  it('has a script that runs without node_modules', () => {
    const [script = ''] = synthesized('exec.cjs');
    cpSync(script, join(folder, 'exec.cjs'));
    expect(() => run(folder, process.execPath, 'exec.cjs', 'no-such-kind', 'ensure')).toThrow(/no-such-kind/);
  });

  it('holds what is needed to run it, and no sources, tests or maps', () => {
    const files = filesBelow(join(project, 'node_modules/cdktf-libvirt-ceph'));
    const kinds = new Set(files.map((file) => file.replace(/^.*?((\.d)?\.\w+)$/, '$1')));
    expect([...kinds].filter((kind) => !['.js', '.cjs', '.d.ts', '.json', '.md'].includes(kind))).toEqual([]);
    expect(files.filter((file) => /^(test|lab|examples|constructs|lib)\//.test(file))).toEqual([]);
  });

  it('loads neither execa, xmlbuilder2 nor a schema library', () => {
    const loaded = JSON.parse(
      node("require('cdktf-libvirt-ceph'); console.log(JSON.stringify(Object.keys(require.cache)))"),
    ) as string[];
    expect(loaded.some((file) => file.includes('/cdktf-libvirt-ceph/dist/constructs/'))).toBe(true);
    const ours = loaded.filter((file) => !/node_modules\/(cdktf|constructs)\//.test(file));
    expect(ours.filter((file) => /node_modules\/(execa|xmlbuilder2|zod|@oozcitak)\//.test(file))).toEqual([]);
    expect(ours.filter((file) => /\/lib\/(steps|exec|review|cli)\//.test(file))).toEqual([]);
  });

  it('synthesizes the same by cdktn under the name of cdktf', () => {
    const [byCdktf] = resources();
    const alias = ['cdktf@npm:cdktn@~0.24.0', 'constructs@~10.7.0'];
    run(project, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...alias);
    expect(node("console.log(require('cdktf/package.json').name)").trim()).toBe('cdktn');
    rmSync(join(project, 'cdktf.out'), { recursive: true });
    compileAndRun(project);
    expect(resources()).toEqual([byCdktf]);
  });
});

/** Of each stack its resources, by type and name. */
function resources(): unknown[] {
  return synthesized('cdk.tf.json').map(
    (file) => (JSON.parse(readFileSync(file, 'utf8')) as { resource: unknown }).resource,
  );
}
