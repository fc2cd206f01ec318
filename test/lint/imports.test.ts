import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');

// In a process of its own: jest's module loader has no dynamic import, by which ESLint reads its configuration.
const LINT = `
  const { ESLint } = require('eslint');
  const parser = require('typescript-eslint').parser;
  const eslint = new ESLint({
    overrideConfigFile: 'eslint.imports.mjs',
    overrideConfig: { languageOptions: { parser }, linterOptions: { reportUnusedDisableDirectives: 'off' } },
    ruleFilter: ({ ruleId }) => ruleId === 'no-restricted-imports' || ruleId === 'import-x/no-restricted-paths',
  });
  const cases = JSON.parse(process.argv[1]);
  Promise.all(
    cases.map(async ([filePath, imported]) => {
      const [{ messages }] = await eslint.lintText("import '" + imported + "';", { filePath });
      return messages.map(({ ruleId }) => ruleId);
    }),
  ).then((found) => console.log(JSON.stringify(found)));
`;

function lint(cases: readonly (readonly [string, string])[]): string[][] {
  const output = execFileSync(process.execPath, ['-e', LINT, JSON.stringify(cases)], { cwd: ROOT, encoding: 'utf8' });
  return JSON.parse(output) as string[][];
}

const PATHS = 'import-x/no-restricted-paths';
const LIBRARIES = 'no-restricted-imports';

const ALLOWED = [
  ['lib/render/secret.ts', '../model'],
  ['lib/steps/mark.ts', '../render/xml'],
  ['lib/exec/main.ts', '../steps/kinds'],
  ['lib/terraform/script.ts', '../model'],
  ['constructs/ceph-pool.ts', '../lib/terraform'],
  ['constructs/rbd-backed-vm.ts', '../lib/render/domain/provider'],
  ['constructs/libvirt-host.ts', '../lib/provider-libvirt'],
] as const;
const REFUSED = [
  ['lib/model/kinds.ts', '../steps/kinds', PATHS],
  ['lib/model/kinds.ts', '../render/xml', PATHS],
  ['lib/model/kinds.ts', '../errors', PATHS],
  ['lib/render/secret.ts', '../steps/mark', PATHS],
  ['lib/render/domain/provider.ts', './xml', PATHS],
  ['lib/steps/mark.ts', '../exec/tools', PATHS],
  ['lib/steps/mark.ts', '../terraform', PATHS],
  ['lib/terraform/script.ts', '../steps/kinds', PATHS],
  ['lib/terraform/script.ts', '../../constructs', PATHS],
  ['lib/validation.ts', './terraform', PATHS],
  ['constructs/ceph-pool.ts', '../lib/steps/kinds', PATHS],
  ['constructs/ceph-pool.ts', '../lib/exec/run', PATHS],
  ['constructs/ceph-pool.ts', '../lib/render/xml', PATHS],
  ['constructs/ceph-pool.ts', '../lib/render/domain/xml', PATHS],
  ['constructs/ceph-pool.ts', '../test/helpers/synth', PATHS],
  ['constructs/ceph-pool.ts', 'execa', LIBRARIES],
  ['lib/exec/run.ts', 'execa', LIBRARIES],
  ['lib/render/domain/provider.ts', 'xmlbuilder2', LIBRARIES],
  ['lib/steps/mark.ts', 'xmlbuilder2', LIBRARIES],
  ['lib/steps/mark.ts', 'execa', LIBRARIES],
] as const;

describe('The import rule', () => {
  const pairs = [...ALLOWED, ...REFUSED].map(([file, imported]) => [file, imported] as const);
  let found: string[][] = [];
  beforeAll(() => {
    found = lint(pairs);
  }, 60_000);

  it('takes what the design allows', () => {
    expect(found.slice(0, ALLOWED.length)).toEqual(ALLOWED.map(() => []));
  });

  it('fails for what turns the direction round, or costs synth its speed', () => {
    const rules = found.slice(ALLOWED.length);
    expect(REFUSED.map(([file, imported], index) => [file, imported, ...(rules[index] ?? [])])).toEqual(REFUSED);
  });
});
