// The whole test suite, as the README's test command runs it: type check, lint, build, the tests in memory, then the
// e2e tests, file by file, on private Cephs and libvirts: up to four at a time where the machine has room for it, as
// they wait a lot, and a fifth that does little else.
// `node test/run.mjs unit` stops before the e2e tests; `node test/run.mjs rbd-image` runs the tests that concern one
// kind, or whatever has that in its path.
// CLC_BEGUN_WITHIN: so many minutes after the start the last e2e file is begun (65); for all kill points, which need
// hours.
// Ends with 'N passed, N failed, N skipped'; a phase that is no test counts as one.
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir, totalmem } from 'node:os';
import { join, relative, sep } from 'node:path';

const LAB = process.env.CLC_LAB ?? '/var/tmp/clc-lab';
/** Each test file fills and drops a sandbox: with the default of 16 MB a tenth of the time is garbage collection. */
const JEST = ['--max-semi-space-size=32', 'node_modules/jest/bin/jest.js'];
const MINUTE = 60_000;
/** No e2e file is begun later than this: CI ends a run after 90 minutes, and its last line would be lost. */
const BEGUN_WITHIN = Number(process.env.CLC_BEGUN_WITHIN ?? 65);
const LATEST_START = Date.now() + BEGUN_WITHIN * MINUTE;
/** A run that may take longer loses no last line. */
const FILE_LIMIT = (BEGUN_WITHIN > 65 ? 60 : 25) * MINUTE;
/** It looks at all of the machine, so no other lab runs meanwhile; and it installs what the others need. */
const FIRST = 'test/e2e/lab.test.ts';
/** A lab with its VMs takes two GiB, and what it does is mostly waiting. */
const ROOM = availableParallelism() > 1 ? Math.max(1, Math.floor(totalmem() / (3.5 * 2 ** 30))) : 1;
const STREAMS = Math.min(4, ROOM);
const names = (...paths) => paths.map((path) => join('test/e2e', `${path}.test.ts`));
/**
 * What takes more than two minutes, the longest first: begun late, the last of it would run alone. What computes and
 * what waits in turn, as the processors are what is short.
 */
const LONGEST = names(
  ...['faults/kill-points', 'cloud-image', 'lifecycle', 'steps/domain', 'faults/states', 'steps/disk', 'tutorial'],
  ...['cli/snapshot', 'day2/adoption', 'day2/vm', 'faults/altered-disks', 'day2/hostile', 'examples', 'day2/auth'],
  ...['cloud-init', 'day2/devices', 'cli/cli'],
);
/** What mostly sleeps, until tickets end or Ceph forgets a client: a stream of its own has them beside all others. */
const WAITING = names(
  ...['day2/ticket', 'faults/shutting-down', 'faults/watched', 'steps/rbd-image-interrupted'],
  ...['steps/rbd-image-removal', 'steps/rbd-image-users'],
);
const folder = mkdtempSync(join(tmpdir(), 'clc-test-'));
/** One for all runs of jest, whose temporary folders differ. */
const CACHE = ['--cacheDirectory', join(folder, 'jest')];
const total = { passed: 0, failed: 0, skipped: 0 };
/** What failed, to be named once more at the end. */
const failures = [];

/** Runs a command; its output is printed at its end when it is `kept` until then. */
function run(command, args, { env = {}, kept = false, limit } = {}) {
  const file = join(mkdtempSync(join(folder, 'run-')), 'output');
  // Not by a pipe, which the lab's daemons would hold open.
  const output = kept ? openSync(file, 'w') : 'inherit';
  const child = spawn(command, args, {
    stdio: ['ignore', output, output],
    env: { ...process.env, CHECKPOINT_DISABLE: '1', CLC_LAB: LAB, ...env },
    timeout: limit,
    killSignal: 'SIGKILL',
  });
  return new Promise((resolve) =>
    child.on('exit', (code) => {
      if (kept) {
        closeSync(output);
        process.stdout.write(readFileSync(file));
      }
      resolve(code === 0);
    }),
  );
}

async function phase(name, ended) {
  const ok = await ended;
  console.log(`\n${name}: ${ok ? 'passed' : 'FAILED'}`);
  total[ok ? 'passed' : 'failed'] += 1;
  if (!ok) failures.push(name);
}

/** Runs jest and adds up its result; `what` is for people. */
async function jest(what, args, options = {}) {
  const file = join(mkdtempSync(join(folder, 'result-')), 'result.json');
  const started = Date.now();
  const ok = await run(process.execPath, [...JEST, ...args, ...CACHE, '--json', '--outputFile', file], options);
  const seconds = ((Date.now() - started) / 1000).toFixed(0);
  let result;
  try {
    result = JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    await phase(`${what} (no result after ${seconds} s)`, false);
    return;
  }
  total.passed += result.numPassedTests;
  // A file that does not load has no test that failed.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  total.failed += failed;
  total.skipped += result.numPendingTests + result.numTodoTests;
  if (!ok && failed === 0) await phase(what, false);
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

/** What mostly waits, then the longest, then the stacks as users deploy them, then the parts. */
function e2eFiles() {
  const files = readdirSync('test/e2e', { recursive: true })
    .filter((file) => file.endsWith('.test.ts'))
    .map((file) => join('test/e2e', file));
  const depth = (file) => (file.includes(`${sep}steps${sep}`) ? 4 : file.split(sep).length);
  const first = [...WAITING, ...LONGEST];
  const place = (file) => (first.includes(file) ? first.indexOf(file) : first.length);
  return files.sort((a, b) => place(a) - place(b) || depth(a) - depth(b) || a.localeCompare(b));
}

async function e2eFile(file, env) {
  if (Date.now() < LATEST_START) return jest(file, [file, '--runInBand'], { env, kept: true, limit: FILE_LIMIT });
  await phase(`${file} (not begun, as ${BEGUN_WITHIN} minutes are over and CI ends a run after 90)`, false);
}

/**
 * Go's garbage collector, of Terraform and its providers, takes a third of their time at its default of 100: there is
 * memory for more. Users have what they have; no test measures it.
 */
const GOGC = process.env.GOGC ?? '400';

/** One file after the other, on a lab and with temporary files of its own; `files` is shared with other streams. */
async function stream(files, index, waiting = files) {
  const env = { CLC_LAB: index === 0 ? LAB : `${LAB}-${index + 1}`, TMPDIR: join(folder, String(index)), GOGC };
  mkdirSync(env.TMPDIR);
  const lab = (verb, folder = env.CLC_LAB) =>
    run('npx', ['tsx', '-C', 'import', 'lab/cli.ts', verb, '--folder', folder], { kept: true });
  const wasUp = await lab('status');
  // What a killed run left there would be in the way.
  if (!wasUp && existsSync(env.CLC_LAB)) await lab('down');
  const next = () => files.shift() ?? waiting.shift();
  for (let file = next(); file !== undefined; file = next()) {
    await e2eFile(file, env);
    // A file that was killed at its limit leaves a lab of its own behind: useOwnLab of test/helpers/lab.ts.
    const own = `${env.CLC_LAB}-own`;
    if (existsSync(own)) await lab('down', own);
  }
  if (!wasUp) await lab('down');
}

async function e2e() {
  const waits = (file) => ROOM > STREAMS && WAITING.includes(file);
  const all = e2eFiles().filter((file) => file !== FIRST);
  const [waiting, files] = [all.filter(waits), all.filter((file) => !waits(file))];
  const streams = Array.from({ length: STREAMS }, (_, index) => stream(files, index, waiting));
  if (waiting.length > 0) streams.push(stream(waiting, STREAMS));
  await Promise.all(streams);
}

/**
 * What concerns one kind: its unit tests, then its e2e tests. A VM is the kind `domain`; its constructs call it `vm`.
 */
async function only(name) {
  const pattern = { domain: 'domain|backed-vm|/vm', 'ceph-secret': 'secret', disk: 'disk|devices' }[name] ?? name;
  const concerns = (file) => new RegExp(pattern).test(file);
  await jest(`unit tests of ${name}`, [
    '--selectProjects',
    'unit',
    'cdktn',
    '--testPathPatterns',
    pattern,
    '--passWithNoTests',
  ]);
  const files = e2eFiles().filter(concerns);
  await Promise.all(Array.from({ length: Math.min(STREAMS, files.length) }, (_, index) => stream(files, index)));
  if (total.passed + total.failed === 0) await phase(`no test has '${name}' in its path`, false);
  end();
}

function end() {
  rmSync(folder, { recursive: true, force: true });
  if (failures.length > 0) console.log(`\nFailed:\n${failures.map((name) => `  ${name}`).join('\n')}`);
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exit(total.failed === 0 ? 0 : 1);
}

const [, , what] = process.argv;
if (what !== undefined && what !== 'unit') await only(what);
const script = (name, ...args) => phase(name, run('npm', ['run', '-s', ...args], { kept: true }));
// ESLint takes as long as the others together, and one processor.
await Promise.all([
  script('lint', 'lint'),
  (async () => {
    await script('type check', 'typecheck');
    await script('API.md', 'api:check');
    await script('format', 'format:check');
    // The compiled library is built where it is packed: package.test.ts.
    await script('build', 'build', 'exec');
  })(),
]);
const inMemory = async () => {
  await jest('unit tests', ['--selectProjects', 'unit']);
  await jest('unit tests on cdktn', ['--selectProjects', 'cdktn']);
  await jest('long tests in memory', ['--selectProjects', 'long']);
};
if (what === 'unit') {
  await inMemory();
} else {
  // That one mostly waits for daemons.
  await Promise.all([inMemory(), e2eFile(FIRST, {})]);
  await e2e();
}
end();
