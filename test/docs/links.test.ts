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

  it('guide a newcomer in CONTRIBUTING.md through files that each contain the field', () => {
    const files = [...textOf('CONTRIBUTING.md').matchAll(/^\| `([^`]+)`/gm)].map(([, file]) => file ?? '');
    expect(files.length).toBeGreaterThan(10);
    const without = files.filter((file) => !/description/.test(textOf(file)));
    expect(without).toEqual([]);
  });
});
