import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const below = (folder: string): string[] =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && !file.includes('node_modules') && !file.includes('cdktf.out'))
    .map((file) => join(folder, file));
const atRoot = readdirSync(ROOT).filter((file) => file.endsWith('.md'));
const PAGES = [...atRoot, ...below('docs'), ...below('examples')];
const textOf = (page: string): string => readFileSync(join(ROOT, page), 'utf8');

/** A heading as in its link: lower case, hyphens for spaces, otherwise only letters and digits. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

function isThere(page: string, link: string): boolean {
  const [file = '', fragment] = link.split('#');
  const target = file === '' ? page : join(dirname(page), file);
  if (!existsSync(join(ROOT, target))) return false;
  if (fragment === undefined) return true;
  const headings = [...textOf(target).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => anchor(heading ?? ''));
  return headings.includes(fragment) || textOf(target).includes(`<a id="${fragment}"></a>`);
}

describe('The docs', () => {
  it.each(PAGES)('have no broken link in %s', (page) => {
    const links = [...textOf(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link ?? '');
    const inside = links.filter((link) => !/^(https?|mailto):/.test(link));
    expect(inside.filter((link) => !isThere(page, link))).toEqual([]);
  });

  const guide = textOf('CONTRIBUTING.md');
  const PATH = /`((?:constructs|docs|lib|test)\/[^`<*]+\.\w+|[A-Z]+\.md)`/g;
  const pathsIn = (text: string): string[] => [...text.matchAll(PATH)].map(([, file]) => file ?? '');
  const without = (files: readonly string[], word: string): string[] =>
    files.filter((file) => !textOf(file).toLowerCase().includes(word.toLowerCase()));

  it('guide a newcomer in CONTRIBUTING.md through files that each contain the field', () => {
    const files = [...guide.matchAll(/^\| (`[^`]+`) /gm)].flatMap(([, file]) => pathsIn(file ?? ''));
    expect(files.length).toBeGreaterThan(10);
    expect(without(files, 'huge')).toEqual([]);
  });

  it('name in CONTRIBUTING.md only files that exist', () => {
    expect(pathsIn(guide).filter((file) => !existsSync(join(ROOT, file)))).toEqual([]);
  });

  const others = [...guide.matchAll(/^- (an? [^(]+?) \(`(\w+)`\): ([^;]+?)(?=;|\n-|\n\n)/gm)].map(
    ([, object = '', word = '', files = '']) => [object, word, pathsIn(files)] as const,
  );

  it.each(others)('guide to a field of %s through files that each contain %s', (_, word, files) => {
    expect(files.length).toBeGreaterThan(4);
    expect(without(files, word)).toEqual([]);
  });

  it('guide to a field of each of the objects that have many', () => {
    expect(others.map(([object]) => object)).toEqual(["a VM's disk", 'a network interface', 'an image', 'a pool']);
  });

  it('explain at most fifteen words of the code in docs/architecture.md', () => {
    const section =
      textOf('docs/architecture.md')
        .split(/^## /m)
        .find((one) => one.startsWith('Words\n')) ?? '';
    const words = [...section.matchAll(/^\| ([a-z]\w*(?:[ ,]+\w+)*) +\|/gm)].map(([, word]) => word);
    expect(words).toEqual(expect.arrayContaining(['object', 'entry, entryId', 'driver']));
    expect(words.filter((word) => word !== 'word').length).toBeLessThanOrEqual(15);
  });
});
