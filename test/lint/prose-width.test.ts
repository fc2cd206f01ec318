import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const FOLDERS = ['constructs', 'docs', 'examples', 'lab', 'lib', 'test'];
const WIDTH = 120;
const NOT_OURS = /node_modules|cdktf\.out|\/generated\/|\/fixtures\/|\/golden\//;

function* files(): Generator<string> {
  for (const entry of readdirSync(ROOT, { withFileTypes: true })) if (entry.isFile()) yield entry.name;
  for (const folder of FOLDERS)
    for (const path of readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })) yield join(folder, path);
}

/** Lines that hold nothing but a comment. Commands and addresses cannot be wrapped. */
const COMMENT = /^ *(\/\/|\/?\*|#) .* /;

function isProse(path: string): (line: string) => boolean {
  if (!path.endsWith('.md')) return (line) => COMMENT.test(line);
  let code = false;
  return (line) => {
    if (/^ *```/.test(line)) code = !code;
    return !code && !/^(\||!\[|<)/.test(line);
  };
}

test('lines of prose, in comments and in docs, are at most 120 characters long', () => {
  // API.md is generated from docstrings, one line each.
  const own = [...files()].filter((path) => /\.(ts|mjs|cjs|py|sh|md)$/.test(path));
  const ours = own.filter((path) => path !== 'API.md' && !NOT_OURS.test(path));
  const long = ours.flatMap((path) => {
    const prose = isProse(path);
    const lines = readFileSync(join(ROOT, path), 'utf8').split('\n');
    return lines.flatMap((line, index) => (prose(line) && line.length > WIDTH ? [`${path}:${index + 1}`] : []));
  });
  expect(ours.length).toBeGreaterThan(500);
  expect(long).toEqual([]);
});
