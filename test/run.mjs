// The whole test suite, as the README's test command runs it: type check, lint, build, unit tests, then e2e tests one file
// after the other on a private Ceph and libvirt. `node test/run.mjs unit` stops before the e2e tests.
// Ends with 'N passed, N failed, N skipped'; a phase that is no test counts as one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const LAB = process.env.CLC_LAB ?? '/var/tmp/clc-lab';
const folder = mkdtempSync(join(tmpdir(), 'clc-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };

function run(command, ...args) {
  return spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, CHECKPOINT_DISABLE: '1' } }).status === 0;
}

function phase(name, ok) {
  console.log(`\n${name}: ${ok ? 'passed' : 'FAILED'}`);
  total[ok ? 'passed' : 'failed'] += 1;
}

function jest(project, ...options) {
  const file = join(folder, `${project}.json`);
  const ok = run('npx', 'jest', '--selectProjects', project, '--json', '--outputFile', file, ...options);
  let result;
  try {
    result = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    phase(`${project} tests (no result)`, false);
    return;
  }
  total.passed += result.numPassedTests;
  // A file that does not load has no test that failed.
  total.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  total.skipped += result.numPendingTests + result.numTodoTests;
  if (!ok && result.numFailedTests + result.numRuntimeErrorTestSuites === 0) phase(`${project} tests`, false);
}

phase('type check', run('npm', 'run', '-s', 'typecheck'));
phase('lint', run('npm', 'run', '-s', 'lint'));
phase('build', run('npm', 'run', '-s', 'build'));
jest('unit');
if (process.argv[2] !== 'unit') {
  const wasUp = spawnSync('npx', ['tsx', '-C', 'import', 'lab/cli.ts', 'status', '--folder', LAB]).status === 0;
  jest('e2e', '--runInBand');
  if (!wasUp) run('npx', 'tsx', '-C', 'import', 'lab/cli.ts', 'down', '--folder', LAB);
}
rmSync(folder, { recursive: true, force: true });
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
