import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');

// In a process of its own: jest's module loader has no dynamic import, by which ESLint reads its configuration.
const LINT = `
  const { ESLint } = require('eslint');
  const parser = require('typescript-eslint').parser;
  const by = (...rules) => new ESLint({
    overrideConfigFile: 'eslint.imports.mjs',
    overrideConfig: { languageOptions: { parser }, linterOptions: { reportUnusedDisableDirectives: 'off' } },
    ruleFilter: ({ ruleId }) => rules.includes(ruleId),
  });
  const direction = by('no-restricted-imports', 'import-x/no-restricted-paths');
  const circles = by('import-x/no-cycle');
  const cases = JSON.parse(process.argv[1]);
  Promise.all(
    cases.map(async ([filePath, imported, circle]) => {
      const [{ messages }] = await (circle ? circles : direction).lintText("import '" + imported + "';", { filePath });
      return messages.map(({ ruleId }) => ruleId);
    }),
  ).then((found) => console.log(JSON.stringify(found)));
`;

/**
 * What it says of each import; looking for circles reads every file that an import leads to, so only some are tried by
 * that rule.
 */
function lint(cases: readonly (readonly [file: string, imported: string, circle: boolean])[]): string[][] {
  const output = execFileSync(process.execPath, ['-e', LINT, JSON.stringify(cases)], { cwd: ROOT, encoding: 'utf8' });
  return JSON.parse(output) as string[][];
}

const CYCLE = 'import-x/no-cycle';
const PATHS = 'import-x/no-restricted-paths';
const LIBRARIES = 'no-restricted-imports';

const ALLOWED = [
  ['lib/render/secret.ts', '../model'],
  ['lib/steps/step.ts', '../render/xml'],
  ['lib/exec/main.ts', '../steps/kinds'],
  ['lib/terraform/script-provisioner.ts', '../model'],
  ['constructs/ceph-pool.ts', '../lib/terraform'],
  ['constructs/rbd-backed-vm.ts', '../lib/render/domain/provider-arguments'],
  ['constructs/libvirt-host.ts', '../lib/provider-libvirt'],
] as const;
const REFUSED = [
  ['lib/model/kinds.ts', '../steps/kinds', PATHS],
  ['lib/model/kinds.ts', '../render/xml', PATHS],
  ['lib/model/kinds.ts', '../errors', PATHS],
  ['lib/render/secret.ts', '../steps/step', PATHS],
  ['lib/render/domain/provider-arguments.ts', './domain-xml', PATHS],
  ['lib/render/domain/provider-arguments.ts', './disk-xml', PATHS],
  ['lib/steps/step.ts', '../exec/make-tools', PATHS],
  ['lib/steps/step.ts', '../terraform', PATHS],
  ['lib/terraform/script-provisioner.ts', '../steps/kinds', PATHS],
  ['lib/terraform/script-provisioner.ts', '../../constructs', PATHS],
  ['lib/validation.ts', './terraform', PATHS],
  ['constructs/ceph-pool.ts', '../lib/steps/kinds', PATHS],
  ['constructs/ceph-pool.ts', '../lib/exec/run-steps', PATHS],
  ['constructs/ceph-pool.ts', '../lib/render/xml', PATHS],
  ['constructs/ceph-pool.ts', '../lib/render/domain/domain-xml', PATHS],
  ['constructs/ceph-pool.ts', '../test/helpers/synth', PATHS],
  // What all of a folder imports can't import from it.
  ['lib/exec/script-session.ts', './make-tools', CYCLE],
  ['lib/model/amounts.ts', './index', CYCLE],
  ['constructs/ceph-pool.ts', 'execa', LIBRARIES],
  ['lib/exec/run-steps.ts', 'execa', LIBRARIES],
  ['lib/render/domain/provider-arguments.ts', '@rgrove/parse-xml', LIBRARIES],
  ['lib/steps/step.ts', '@rgrove/parse-xml', LIBRARIES],
  ['lib/steps/step.ts', 'execa', LIBRARIES],
] as const;

describe('The import rule', () => {
  const cases = [...ALLOWED, ...REFUSED].map(([file, imported, rule]) => [file, imported, rule === CYCLE] as const);
  let found: string[][] = [];
  beforeAll(() => {
    found = lint(cases);
  }, 60_000);

  it('allows what the design allows', () => {
    expect(found.slice(0, ALLOWED.length)).toEqual(ALLOWED.map(() => []));
  });

  it('fails for an import against the direction, or one that would slow down synth', () => {
    const rules = found.slice(ALLOWED.length);
    const broken = REFUSED.map(([file, imported, rule], index) => [
      file,
      imported,
      rules[index]?.includes(rule) ? rule : rules[index],
    ]);
    expect(broken).toEqual(REFUSED);
  });
});

// A circle of types alone loads well, and is a concept without a place of its own all the same: lint leaves types out.
test('no file imports itself through others, types included', () => {
  const files = ['constructs', 'lib', 'lab', 'test'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => join(ROOT, folder, file)),
  );
  const graph = new Map(files.map((file) => [file, importsOf(file)]));
  expect(files.length).toBeGreaterThan(500);
  expect(circles(graph)).toEqual([]);
});

function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => resolve(dirname(file), fileName))
    .flatMap((path) => [`${path}.ts`, join(path, 'index.ts')].filter((one) => existsSync(one)));
}

/** The first circle through each file that has one, as a text. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const done = new Set<string>();
  const found: string[] = [];
  const visit = (file: string, path: readonly string[]): void => {
    if (path.includes(file)) {
      const circle = [...path.slice(path.indexOf(file)), file];
      found.push(circle.map((one) => relative(ROOT, one)).join(' > '));
      return;
    }
    if (done.has(file)) return;
    graph.get(file)?.forEach((imported) => visit(imported, [...path, file]));
    done.add(file);
  };
  [...graph.keys()].forEach((file) => visit(file, []));
  return found;
}
