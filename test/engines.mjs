// Builds Terraform and OpenTofu, in the versions that docs/upgrading.md says were tested, from their Go modules into a
// cache folder, and prints the path of each binary; `--list` only says where they are, or would be. Needs Go; each
// takes some minutes, once.
// `node test/engines.mjs [--list] [opentofu|terraform][@VERSION]...`
// A test or the demo takes one by: TERRAFORM_BINARY_NAME=$(node test/engines.mjs opentofu) npm run demo
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';

const ENGINES = {
  opentofu: { module: 'github.com/opentofu/opentofu', command: 'tofu', versions: ['1.12.6'] },
  terraform: { module: 'github.com/hashicorp/terraform', command: 'terraform', versions: ['1.5.7', '1.14.3'] },
};
const CACHE = process.env.CLC_ENGINES ?? join(homedir(), '.cache/cdktf-libvirt-ceph/engines');
const BUILD_ENVIRONMENT = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-buildvcs=false', GOTOOLCHAIN: 'auto' };

/** Every engine that is tested, or those named: `opentofu`, `terraform@1.5.7`. */
function wanted(names) {
  const all = Object.entries(ENGINES).flatMap(([name, { versions }]) => versions.map((version) => ({ name, version })));
  if (names.length === 0) return all;
  return names.flatMap((text) => {
    const [name, version] = text.split('@');
    if (ENGINES[name] === undefined) throw new Error(`no engine '${name}': ${Object.keys(ENGINES).join(', ')}`);
    return version === undefined ? all.filter((one) => one.name === name) : [{ name, version }];
  });
}

/** The binary keeps its own name, by which people tell one from the other. */
function binaryOf({ name, version }) {
  return join(CACHE, `${name}-${version}`, ENGINES[name].command);
}

/**
 * Both go.mod files have a `replace`, so that `go install MODULE@VERSION` refuses them: built in a copy of the module's
 * folder.
 */
function build(engine) {
  const binary = binaryOf(engine);
  if (existsSync(binary)) return binary;
  const { module, command } = ENGINES[engine.name];
  const folder = mkdtempSync(join(tmpdir(), 'engine-'));
  const go = (cwd, ...args) =>
    execFileSync('go', args, { cwd, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'], env: BUILD_ENVIRONMENT });
  try {
    const { Dir } = JSON.parse(go(folder, 'mod', 'download', '-json', `${module}@v${engine.version}`));
    // Without the modes of the module cache, which is read-only.
    execFileSync('cp', ['-r', '--no-preserve=mode', `${Dir}/.`, folder]);
    leaveOutMissing(folder);
    mkdirSync(join(binary, '..'), { recursive: true });
    // `terraform version` knows a release by this alone.
    const release = `-s -w -X ${module}/version.dev=no`;
    go(
      folder,
      'build',
      '-mod=mod',
      '-ldflags',
      release,
      '-o',
      `${binary}.part`,
      command === 'tofu' ? './cmd/tofu' : '.',
    );
    renameSync(`${binary}.part`, binary);
    return binary;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * From 1.9 on Terraform's remote backends are modules of their own, which no proxy has. The local one is enough here.
 */
function leaveOutMissing(folder) {
  const file = join(folder, 'go.mod');
  const text = readFileSync(file, 'utf8');
  const missing = [...text.matchAll(/^replace (\S+) => (\.\/\S+)$/gm)].filter(
    ([, , at]) => !existsSync(join(folder, at)),
  );
  if (missing.length === 0) return;
  const modules = missing.map(([, module]) => module);
  const without = (lines, names) => lines.filter((line) => !names.some((name) => line.includes(name)));
  writeFileSync(file, without(text.split('\n'), modules).join('\n'));
  const init = join(folder, 'internal/backend/init/init.go');
  const code = readFileSync(init, 'utf8').split('\n');
  const aliases = code.flatMap((line) => /^\s*(\w+) "(.*)"$/.exec(line)?.slice(1, 3) ?? []);
  const used = modules.map((module) => `${aliases[aliases.indexOf(module) - 1]}.New()`);
  writeFileSync(init, without(code, [...modules.map((module) => `"${module}"`), ...used]).join('\n'));
}

const words = process.argv.slice(2);
if (words[0] === '--list') {
  for (const one of wanted(words.slice(1))) console.log(`${one.name}@${one.version} ${binaryOf(one)}`);
} else {
  for (const one of wanted(words)) console.log(build(one));
}
