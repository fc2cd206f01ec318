import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const BUNDLE = join(ROOT, 'dist/lib/exec.cjs');

/** Jest's global setup of the e2e project: the script is built when its sources are newer. */
export default function buildBundle(): void {
  if (existsSync(BUNDLE) && statSync(BUNDLE).mtimeMs > newest(join(ROOT, 'lib'))) return;
  execFileSync(process.execPath, ['build.mjs', 'exec'], { cwd: ROOT, stdio: 'inherit' });
}

function newest(folder: string): number {
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return Math.max(...entries.map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs));
}
