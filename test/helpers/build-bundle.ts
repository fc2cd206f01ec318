import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { providerMissing } from './drivers';

const ROOT = join(__dirname, '../..');
const BUNDLES = ['exec.cjs', 'cli.cjs'].map((name) => join(ROOT, 'dist/lib', name));

/**
 * Jest's global setup of the e2e project: builds the script and the command line if the sources are newer, and looks
 * the provider up once.
 */
export default function buildBundle(): void {
  providerMissing();
  const sources = newest(join(ROOT, 'lib'));
  if (BUNDLES.every((bundle) => existsSync(bundle) && statSync(bundle).mtimeMs > sources)) return;
  execFileSync(process.execPath, ['build.mjs', 'exec'], { cwd: ROOT, stdio: 'inherit' });
}

function newest(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
