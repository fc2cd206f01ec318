// Builds dist/: the script and the command line in one file each, and with 'all' (the default) the compiled library.
import { execFileSync } from 'node:child_process';
import { chmodSync, rmSync } from 'node:fs';
import { build } from 'esbuild';

const what = process.argv[2] ?? 'all';
if (what === 'all') {
  rmSync('dist', { recursive: true, force: true });
  execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
    stdio: 'inherit',
  });
}
const bundled = {
  bundle: true,
  minify: true,
  platform: 'node',
  target: 'node20',
  // An ESM bundle of execa dies with "Dynamic require of child_process" (esbuild 0.28).
  format: 'cjs',
  legalComments: 'eof',
  loader: { '.py': 'text' },
};
await build({ ...bundled, entryPoints: ['lib/exec/main.ts'], outfile: 'dist/lib/exec.cjs' });
await build({
  ...bundled,
  entryPoints: ['lib/cli/main.ts'],
  outfile: 'dist/lib/cli.cjs',
  banner: { js: '#!/usr/bin/env node' },
});
chmodSync('dist/lib/cli.cjs', 0o755);
