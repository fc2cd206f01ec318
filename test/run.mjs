// The whole test suite, as the README's test command runs it: type check, lint, build, unit and property tests, then e2e
// tests one file after the other on a private Ceph and libvirt. `node test/run.mjs unit` stops before the e2e tests.
// Ends with 'N passed, N failed, N skipped'; a phase that is no test counts as one.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, sep } from 'node:path';

const LAB = process.env.CLC_LAB ?? '/var/tmp/clc-lab';
const MINUTE = 60_000;
/** No e2e file is begun later than this: CI ends a run after 90 minutes, and its last line would be lost. */
const LATEST_START = Date.now() + 65 * MINUTE;
const FILE_LIMIT = 15 * MINUTE;
const folder = mkdtempSync(join(tmpdir(), 'clc-test-'));
const total = { passed: 0, failed: 0, skipped: 0 };
/** What failed, to be named once more at the end. */
const failures = [];

function run(command, args, options = {}) {
  const env = { ...process.env, CHECKPOINT_DISABLE: '1', CLC_LAB: LAB };
  return spawnSync(command, args, { stdio: 'inherit', env, ...options }).status === 0;
}

function phase(name, ok) {
  console.log(`\n${name}: ${ok ? 'passed' : 'FAILED'}`);
  total[ok ? 'passed' : 'failed'] += 1;
  if (!ok) failures.push(name);
}

/** Runs jest and adds up its result; `what` is for people. */
function jest(what, args, limit) {
  const file = join(folder, 'result.json');
  rmSync(file, { force: true });
  const started = Date.now();
  const ok = run('npx', ['jest', ...args, '--json', '--outputFile', file], { timeout: limit, killSignal: 'SIGKILL' });
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  let result;
  try {
    result = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    phase(`${what} (no result after ${seconds} s)`, false);
    return;
  }
  total.passed += result.numPassedTests;
  // A file that does not load has no test that failed.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  total.failed += failed;
  total.skipped += result.numPendingTests + result.numTodoTests;
  if (!ok && failed === 0) phase(what, false);
  failures.push(...result.testResults.flatMap(namesOfFailed));
  console.log(
    `${what}: ${result.numPassedTests} passed, ${failed} failed, ${result.numPendingTests} skipped, ${seconds} s`,
  );
}

function namesOfFailed({ name, status, message, assertionResults }) {
  const file = relative('.', name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [`${file}: ${message}`];
  return failed.map((test) => `${file}: ${test.fullName}`);
}

/** The stacks as users deploy them first, then the parts. */
function e2eFiles() {
  const files = readdirSync('test/e2e', { recursive: true }).filter((file) => file.endsWith('.test.ts'));
  const depth = (file) => (file.startsWith('steps') ? 2 : file.split(sep).length - 1);
  return files.sort((a, b) => depth(a) - depth(b) || a.localeCompare(b)).map((file) => join('test/e2e', file));
}

function e2e() {
  const lab = (...args) => ['tsx', '-C', 'import', 'lab/cli.ts', ...args, '--folder', LAB];
  const wasUp = run('npx', lab('status'), { stdio: 'ignore' });
  for (const file of e2eFiles()) {
    if (Date.now() < LATEST_START) {
      jest(file, [file, '--runInBand'], FILE_LIMIT);
    } else {
      console.log(`${file}: skipped, as 65 minutes are over and CI ends a run after 90`);
      total.skipped += 1;
    }
  }
  if (!wasUp) run('npx', lab('down'));
}

phase('type check', run('npm', ['run', '-s', 'typecheck']));
phase('lint', run('npm', ['run', '-s', 'lint']));
phase('build', run('npm', ['run', '-s', 'build']));
jest('unit tests', ['--selectProjects', 'unit']);
jest('property tests', ['--selectProjects', 'property']);
if (process.argv[2] !== 'unit') e2e();
rmSync(folder, { recursive: true, force: true });
if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;
