import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');
const FOLDERS = ['constructs', 'lib', 'lib/model', 'lib/terraform', 'lib/provider-libvirt'];
/** The code of a rule as data, and of an error that is thrown at once. */
const CODE = /\bcode: ['`]([^'`]+)['`]|ValidationError\.of\(\s*[\w.]+(?:\([^()]*\))?,\s*'([a-z0-9-]+)'/g;

const codes = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder))
    .filter((file) => file.endsWith('.ts'))
    .flatMap((file) => [...readFileSync(join(ROOT, folder, file), 'utf8').matchAll(CODE)])
    // A computed code begins with an expression, and is `*-...` or `*` in the page.
    .map(([, rule, thrown]) => (rule ?? thrown ?? '').replace(/^\$\{prop\.replace\(.*$/, '${prop}-form')),
);
const page = readFileSync(join(ROOT, 'docs/troubleshooting.md'), 'utf8');
const entries = [...page.matchAll(/`([a-z0-9*-]+)`/g)].map(([, entry]) => entry ?? '');

/** A part that is known only at run time is `*` in the page. */
function hasEntry(code: string): boolean {
  const shown = code.replace(/\$\{.*?\}/g, '*').replace(/\*+/g, '*');
  const matches = (entry: string): boolean =>
    entry === shown || (entry.includes('*') && new RegExp(`^${entry.replaceAll('*', '.+')}$`).test(shown));
  return entries.some(matches);
}

describe('The page of errors', () => {
  it('has an entry for each code in the sources', () => {
    expect(codes.length).toBeGreaterThan(80);
    expect([...new Set(codes)].filter((code) => !hasEntry(code))).toEqual([]);
  });

  it('has no entry for a code that no longer exists', () => {
    const rows =
      page
        .split('\n## At apply')[0]
        ?.split('\n')
        .filter((line) => line.startsWith('| `')) ?? [];
    const named = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code));
    const known = codes.map((code) => code.replace(/\$\{.*?\}/g, '*'));
    const gone = named.filter(
      (entry) => !known.some((code) => new RegExp(`^${(entry ?? '').replaceAll('*', '.+')}$`).test(code)),
    );
    expect(gone).toEqual([]);
  });
});

const LIB = join(ROOT, 'lib');
const sources = readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join(LIB, file));

/** The third argument of each `Refusal` in a file, as source text; '' if it has none. */
function refusalsIn(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  if (!/Refusal|NoPool/.test(text)) return [];
  const isSubclass = /\bextends Refusal\b/.test(text);
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    const made = ts.isNewExpression(node) && /^(Refusal|NoPool)$/.test(node.expression.getText());
    // A call of `super` in a subclass.
    const base = isSubclass && ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.SuperKeyword;
    if (made || (base && node.arguments.length === 3)) {
      found.push(node.arguments?.[2]?.getText() ?? '');
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

describe('The page of errors at apply', () => {
  const written = sources.flatMap(refusalsIn);
  const messages = ['exec/advice.ts', 'exec/messages.ts'].map((file) => readFileSync(join(LIB, file), 'utf8')).join('');
  const ofTools = [...messages.matchAll(/code: '([a-z-]+)'|\? '([a-z-]+)'|: '([a-z-]+)';/g)].flatMap(([, ...codes]) =>
    codes.filter((code) => code !== undefined),
  );
  const atApply = [...written.flatMap((code) => /^'([a-z-]+)'$/.exec(code)?.[1] ?? []), ...ofTools];
  const below = page.split('\n## At apply')[1]?.split('\n## Messages of other tools')[0] ?? '';
  const rows = below.split('\n').filter((line) => line.startsWith('| `'));
  const listed = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([^`]+)`/g)].map(([, code]) => code));

  it('lists only errors that have a code', () => {
    const without = written.filter((code) => !/^('[a-z-]+'|codeOf\(.*\))$/.test(code));
    expect(without).toEqual([]);
  });

  it('has one entry for each code', () => {
    expect(atApply.length).toBeGreaterThan(100);
    expect([...new Set(atApply)].filter((code) => !listed.includes(code))).toEqual([]);
    expect(listed.filter((code, index) => listed.indexOf(code) !== index)).toEqual([]);
  });

  it('has no entry for a code that no longer exists', () => {
    expect(listed.filter((code) => !atApply.includes(code ?? ''))).toEqual([]);
  });
});
