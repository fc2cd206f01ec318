import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { basename, delimiter, dirname, join, relative } from 'node:path';
import { execa } from 'execa';

export const ROOT = join(__dirname, '../..');
/** The contents of the package, as they are in the repository. */
const PARTS = [
  ...['constructs', 'lib', 'docs', 'README.md', 'LICENSE', 'CHANGELOG.md', 'SECURITY.md'],
  ...[
    'build.mjs',
    'build.cdktn.mjs',
    'build.node-version.cjs',
    'tsconfig.json',
    'tsconfig.build.json',
    '.gitignore',
    'package.json',
  ],
];
/**
 * Everything that the build runs or bundles; an install from git fetches every development dependency, which takes a
 * minute.
 */
const BUILT_WITH = /^(@rgrove\/parse-xml|@types\/node|cdktf|cdktn|commander|constructs|esbuild|execa|typescript|yaml)$/;

interface Manifest {
  scripts: { [name: string]: string };
  devDependencies: { [name: string]: string };
}

/** Returns standard output; throws with everything else that was printed. */
export function run(cwd: string, command: string, ...args: string[]): string {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', env });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${status}:\n${stdout}${stderr}`);
  return stdout;
}

/** `name@range` as in this project itself. */
export function asHere(name: string): string {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as Manifest;
  return `${name}@${devDependencies[name] ?? ''}`;
}

/** The files below a folder, as paths in it. */
export function filesBelow(below: string): string[] {
  const entries = readdirSync(below, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => relative(below, join(entry.parentPath, entry.name)));
}

/** A copy of the sources, so that nothing is built here. */
export function copySources(folder: string): string {
  mkdirSync(folder);
  PARTS.forEach((part) => cpSync(join(ROOT, part), join(folder, part), { recursive: true }));
  return folder;
}

/** The sources in a repository; a clone of it is built with its own development dependencies. */
export function repository(folder: string): string {
  copySources(folder);
  const file = join(folder, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
  const kept = Object.entries(manifest.devDependencies).filter(([name]) => BUILT_WITH.test(name));
  writeFileSync(file, JSON.stringify({ ...manifest, devDependencies: Object.fromEntries(kept) }));
  run(folder, 'git', 'init', '--quiet');
  run(folder, 'git', 'add', '--all');
  run(folder, 'git', '-c', 'user.name=t', '-c', 'user.email=t@example.org', 'commit', '--quiet', '-m', 'all');
  return folder;
}

/** What `npm pack` makes of sources that have not been built. */
export function pack(folder: string): string {
  const source = copySources(folder);
  symlinkSync(join(ROOT, 'node_modules'), join(source, 'node_modules'));
  const [{ filename }] = JSON.parse(run(source, 'npm', 'pack', '--json')) as [{ filename: string }];
  return join(source, filename);
}

/** The files that `npm publish` would send. */
export function publishedFiles(source: string): string[] {
  const text = run(source, 'npm', 'publish', '--dry-run', '--ignore-scripts', '--json');
  const listed = Object.values(JSON.parse(text) as { [name: string]: { files: { path: string }[] } });
  return listed.flatMap(({ files }) => files.map(({ path }) => path)).sort();
}

export function install(project: string, ...packages: string[]): void {
  run(project, 'npm', 'install', '--prefer-offline', '--no-audit', '--no-fund', ...packages);
}

/** An empty project with packages. */
export function makeProject(folder: string, manifest: object, packages: readonly string[]): string {
  mkdirSync(folder);
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true, ...manifest }));
  writeFileSync(join(folder, 'cdktf.json'), '{ "language": "typescript", "app": "true", "projectId": "empty" }');
  install(folder, ...packages);
  return folder;
}

/** What the `init` of a toolkit's command line makes of its TypeScript template, with a Node.js that it supports. */
export async function initProject(folder: string, cli: string, node = process.execPath): Promise<void> {
  mkdirSync(folder);
  const named = ['--project-name', 'shop', '--project-description', 'VMs', '--enable-crash-reporting=false'];
  const env = { CHECKPOINT_DISABLE: '1', npm_config_prefer_offline: 'true', npm_config_audit: 'false' };
  await execa(node, [cli, 'init', '--local', '--template', 'typescript', ...named], {
    cwd: folder,
    env: { ...env, PATH: [dirname(node), process.env['PATH']].join(delimiter) },
    stdin: 'ignore',
  });
}

/** Runs `main.ts` as the project's own `cdktf.json` says, and compiles it as its own `tsconfig.json` says. */
export function synthAsInitSays(project: string): void {
  run(project, 'npm', 'run', 'build');
  const { app } = JSON.parse(readFileSync(join(project, 'cdktf.json'), 'utf8')) as { app: string };
  run(project, 'bash', '-c', app);
}

/**
 * Type-checks a `main.ts` against the packages installed in the project, with the compiler options that `init` writes.
 */
export function compile(project: string, options: object = {}): void {
  const init = join(ROOT, 'node_modules/cdktf-cli/bundle/templates/typescript/tsconfig.json');
  const { compilerOptions } = JSON.parse(readFileSync(init, 'utf8')) as { compilerOptions: object };
  const ours = { ...compilerOptions, types: [], incremental: false, ...options };
  writeFileSync(join(project, 'tsconfig.json'), JSON.stringify({ compilerOptions: ours, files: ['main.ts'] }));
  run(project, process.execPath, join(ROOT, 'node_modules/typescript/bin/tsc'));
}

/** The files of that name that the project has synthesized. */
export function synthesized(project: string, name: string): string[] {
  const stacks = join(project, 'cdktf.out/stacks');
  return filesBelow(stacks)
    .filter((file) => basename(file) === name)
    .map((file) => join(stacks, file));
}

/** The resources of each synthesized stack, by type and name. */
export function resources(project: string): unknown[] {
  return synthesized(project, 'cdk.tf.json').map(
    (file) => (JSON.parse(readFileSync(file, 'utf8')) as { resource: unknown }).resource,
  );
}
