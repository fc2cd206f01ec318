// Builds dist/: with 'exec' the script and the command line alone, with 'all' (the default) also the compiled library, for
// cdktf and for cdktn; with 'missing' all, unless something is there: npm asks so after each install in a clone.
import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
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

/** What the libraries bring along and the bundle has no use for. */
const slimmer = {
  name: 'slimmer',
  setup({ onLoad, onResolve }) {
    // xmlbuilder2 also reads and writes YAML.
    onResolve({ filter: /^js-yaml$/ }, () => ({ path: 'js-yaml', namespace: 'none' }));
    onLoad({ filter: /./, namespace: 'none' }, () => ({ contents: 'module.exports = {};' }));
  },
};

await build({
  bundle: true,
  minify: true,
  platform: 'node',
  // Newer than the bundle's words: an old Node has to read all of it before it can say that it is too old.
  target: 'node12',
  banner: { js: readFileSync('build.node-version.cjs', 'utf8') },
  format: 'cjs',
  legalComments: 'eof',
  loader: { '.py': 'text' },
  plugins: [slimmer],
  // One bundle for both, as nearly all of it is the same. `require` loads only the half that runs.
  stdin: {
    contents: "if (require.main === module) require('./lib/exec/main.ts'); else require('./lib/cli/main.ts');",
    resolveDir: '.',
  },
  outfile: 'dist/lib/exec.cjs',
});
writeFileSync('dist/lib/cli.cjs', "#!/usr/bin/env node\nrequire('./exec.cjs');\n");
chmodSync('dist/lib/cli.cjs', 0o755);
