// Builds dist/: with 'exec' the script and the command line alone, with 'all' (the default) also the compiled library,
// for cdktf and for cdktn; with 'missing' all, unless something is there: npm asks so after each install in a clone.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync } from 'node:fs';
import { build } from 'esbuild';
import { compileForCdktn } from './build.cdktn.mjs';

const TSC = 'node_modules/typescript/bin/tsc';
const what = process.argv[2] ?? 'all';
if (what === 'missing' && existsSync('dist/lib/cli.cjs')) process.exit();
if (what !== 'exec') {
  rmSync('dist', { recursive: true, force: true });
  execFileSync(process.execPath, [TSC, '-p', 'tsconfig.build.json'], { stdio: 'inherit' });
  // What synth loads where an object becomes YAML, so that the package needs no other.
  await build({
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node20',
    format: 'cjs',
    legalComments: 'eof',
    entryPoints: ['lib/seed/yaml.ts'],
    outfile: 'dist/lib/seed/yaml.js',
  });
  compileForCdktn(TSC);
}

/**
 * The script and the command line, each in one file: with the other's half in it the script would take longer to start.
 */
async function bundle(entry, name, first = '') {
  await build({
    bundle: true,
    minify: true,
    platform: 'node',
    // Newer than the bundle's words: an old Node has to read all of it before it can say that it is too old.
    target: 'node12',
    banner: { js: `${first}${readFileSync('build.node-version.cjs', 'utf8')}` },
    format: 'cjs',
    legalComments: 'eof',
    loader: { '.py': 'text' },
    entryPoints: [entry],
    outfile: `dist/lib/${name}`,
  });
}

await bundle('lib/exec/main.ts', 'exec.cjs');
await bundle('lib/cli/main.ts', 'cli.cjs', '#!/usr/bin/env node\n');
chmodSync('dist/lib/cli.cjs', 0o755);
