import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, AssetType, TerraformAsset, TerraformStack, TerraformVariable } from 'cdktf';
import * as fc from 'fast-check';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { CommandResource, Registry } from '../../lib/terraform';

// Many texts in each of a few objects: a plan of one object takes as long as one of hundreds of texts.
const OBJECTS = 4;
const TEXTS = 100;

/** Text as users write it, full of what Terraform, JSON, HTML and a shell would interpret. */
const SPECIAL = [
  '${',
  '%{',
  '$${',
  '%%{',
  '$',
  '%',
  '{',
  '}',
  '\\',
  '"',
  "'",
  '`',
  '\n',
  '\t',
  '\r',
  '<',
  '>',
  '&',
  '#{',
  '//',
  '*/',
];
const READ = [
  ...SPECIAL,
  '${HOME}',
  '%{ if true }x%{ endif }',
  '${TfToken[TOKEN.x',
  '$(id)',
  ';',
  '\u2028',
  '\u0001',
  'ü',
  '😀',
  '\\u0000',
  '~}',
];
const text = fc
  .array(fc.oneof(fc.constantFrom(...READ), fc.string({ unit: 'binary', maxLength: 3 })), { maxLength: 8 })
  .map((parts) => parts.join('').replaceAll('\0', '').normalize('NFC'))
  .filter((one) => one.isWellFormed());

interface Texts {
  readonly list: string[];
  readonly map: { [key: string]: string };
}
const texts: fc.Arbitrary<Texts> = fc.record({
  list: fc.array(text, { minLength: TEXTS, maxLength: TEXTS }),
  map: fc
    .array(fc.tuple(text, text), { minLength: TEXTS, maxLength: TEXTS })
    // '__proto__' is no key of a JavaScript literal, '//' is a comment in cdktf's JSON.
    .map((pairs) => Object.fromEntries(pairs.filter(([key]) => key !== '__proto__' && key !== '//'))),
});

describe('User text', () => {
  const folder = mkdtempSync(join(tmpdir(), 'escaping-'));
  const stackFolder = join(folder, 'stacks/stack');
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const cases = fc.sample(texts, OBJECTS);
  const terraform = (...args: string[]): string =>
    execFileSync(terraformBinary(), [...args, '-no-color'], {
      cwd: stackFolder,
      env: { ...process.env, CHECKPOINT_DISABLE: '1', TF_VAR_known: 'late ${x} "y"' },
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  const given = (verb: string): { [name: string]: any } => {
    const lines = readFileSync(join(stackFolder, `${verb}.jsonl`), 'utf8')
      .trimEnd()
      .split('\n');
    const specs = lines.map((line) => JSON.parse(line) as { name: string });
    return Object.fromEntries(specs.map((spec) => [spec.name, spec]));
  };

  beforeAll(() => {
    const app = new App({ outdir: folder, context: { libvirtCephOwner: 'tests' } });
    const stack = new TerraformStack(app, 'stack');
    stack.addOverride('terraform.backend.local.path', 'terraform.tfstate');
    const path = join(__dirname, '../helpers/fixtures/record.cjs');
    new TerraformAsset(stack, 'cdktf-libvirt-ceph', { path, type: AssetType.FILE });
    const known = new TerraformVariable(stack, 'known', { type: 'string' }).stringValue;
    const registry = new Registry(stack, 'registry', { logicalId: 'things', kind: 'disk', after: () => [] });
    cases.forEach(({ list, map }, index) => {
      const name = `case${index}`;
      const key = `${name}/${list[0] ?? ''}`;
      new CommandResource(new TerraformVariable(stack, name, { default: '' }), {
        kind: 'disk',
        entry: registry.add(key, () => ({ name, list, map })),
        fields: () => ({ name, list, map, token: `\${x} $${known} $$${known}${known} %{y}` }),
        context: () => ({ other: { list, map } }),
        after: () => [],
      });
    });
    app.synth();
    terraform('init');
    terraform('apply', '-auto-approve');
    terraform('destroy', '-auto-approve');
  });

  it('reaches the script byte for byte through fields, map keys, the local and the key of a registry', () => {
    const specs = given('ensure');
    expect(Object.keys(specs)).toHaveLength(OBJECTS);
    cases.forEach(({ list, map }, index) => {
      const spec = specs[`case${index}`];
      expect(spec.list).toEqual(list);
      expect(spec.map).toEqual(map);
      expect(spec.other).toEqual({ list, map });
      expect(spec.entryId).toMatch(/^[0-9a-f-]{36}$/);
    });
  });

  it('resolves tokens next to text that only looks like them', () => {
    expect(Object.values(given('ensure')).map(({ token }) => token)).toEqual(
      cases.map(() => '${x} $late ${x} "y" $$late ${x} "y"late ${x} "y" %{y}'),
    );
  });

  it('reaches the removal byte for byte, with the id of its entry', () => {
    const ensured = given('ensure');
    const removed = given('remove');
    cases.forEach(({ list, map }, index) => {
      const name = `case${index}`;
      expect(removed[name]).toMatchObject({ v: 1, list, map, entryId: ensured[name].entryId });
    });
  });
});
