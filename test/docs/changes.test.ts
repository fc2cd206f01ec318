import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const ROOT = join(__dirname, '../..');
/** Part of other constructs' props, whose fields have their own rows. */
const WITHOUT_TABLE = ['CloudInitProps'];
const WORDS = /^(in place|live|next boot|another|read once|nothing|refused|as the fields|a switch)\b/;

/** The fields of each interface `...Props`, as the constructs declare them. */
function declared(): { [name: string]: string[] } {
  const folder = join(ROOT, 'constructs');
  const interfaces = readdirSync(folder).flatMap((file) => {
    const source = ts.createSourceFile(file, readFileSync(join(folder, file), 'utf8'), ts.ScriptTarget.Latest, true);
    return source.statements.filter(ts.isInterfaceDeclaration);
  });
  const props = interfaces.filter(({ name }) => name.text.endsWith('Props') && !WITHOUT_TABLE.includes(name.text));
  return Object.fromEntries(
    props.map(({ name, members }) => [name.text, members.map((member) => member.name?.getText() ?? '')]),
  );
}

/** The rows of each section of docs/changes.md. */
function documented(): { [name: string]: { [field: string]: string } } {
  const sections = readFileSync(join(ROOT, 'docs/changes.md'), 'utf8').split(/^## /m).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const rows = [...section.matchAll(/^\| `(\w+)` +\| (.*?) *\|$/gm)];
      return [section.split('\n', 1)[0], Object.fromEntries(rows.map(([, field, change]) => [field, change]))];
    }),
  );
}

describe('docs/changes.md', () => {
  const [code, docs] = [declared(), documented()];

  it('has a table for every interface of props', () => {
    expect(Object.keys(docs).sort()).toEqual(Object.keys(code).sort());
  });

  it.each(Object.keys(code))('says what a change does to each field of %s', (name) => {
    expect(Object.keys(docs[name] ?? {}).sort()).toEqual([...(code[name] ?? [])].sort());
    expect(Object.values(docs[name] ?? {}).filter((change) => !WORDS.test(change))).toEqual([]);
  });

  it.each([
    ['RbdImageProps', 'source', /read once/i],
    ['RbdImageProps', 'objectSize', /read once/i],
    ['RbdImageProps', 'dataPool', /read once/i],
    ['RbdImageProps', 'features', /read once/i],
    ['RbdImageProps', 'size', /grows/],
    ['CephPoolProps', 'pgNum', /raised/i],
    ['CephPoolProps', 'size', /raised/i],
    ['CephPoolProps', 'minSize', /raised/i],
    ['RbdImageProps', 'adopt', /TRASH/],
    ['CephClientProps', 'adopt', /DELETE/],
    ['VmDiskProps', 'bus', /next boot/],
    ['VmDiskProps', 'serial', /next boot/],
    ['VmDiskProps', 'size', /grows/],
    ['VmDiskProps', 'qos', /live/],
    ['VmDiskProps', 'cache', /next boot/],
    ['VmDiskProps', 'ioThread', /next boot/],
    ['VmDiskProps', 'queues', /next boot/],
    ['VmDiskProps', 'wwn', /next boot/],
    ['NetworkInterfaceProps', 'model', /next boot/],
    ['NetworkInterfaceProps', 'linkUp', /live/],
  ])('agrees with the docs in the code: %s.%s', (name, field, words) => {
    expect(docs[name]?.[field]).toMatch(words);
    expect(docOf(name, field)).toMatch(words);
  });
});

function docOf(name: string, field: string): string {
  const folder = join(ROOT, 'constructs');
  const texts = readdirSync(folder).map((file) => readFileSync(join(folder, file), 'utf8'));
  const text = texts.find((one) => one.includes(`export interface ${name} `)) ?? '';
  const body = text.slice(text.indexOf(`export interface ${name} `));
  const found = new RegExp(`/\\*\\*((?:(?!\\*/)[^])*)\\*/\\s*readonly ${field}\\b`).exec(body)?.[1] ?? '';
  return found.replace(/\s*\n\s*\*/g, '');
}
