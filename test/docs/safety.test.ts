import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const promises = [
  ...readFileSync(join(ROOT, 'docs/safety.md'), 'utf8').matchAll(/^\| (.*?) +\| (test\/\S+): (.*?) +\|$/gm),
];

describe('docs/safety.md', () => {
  it('names a test in every row', () => {
    // The table of what others may do contains no promises.
    const [told = ''] = readFileSync(join(ROOT, 'docs/safety.md'), 'utf8').split('\n## What others may do');
    const rows = told.match(/^\| (?!promise |-)/gm);
    expect(rows?.length).toBeGreaterThan(20);
    expect(promises).toHaveLength(rows?.length ?? 0);
  });

  it.each(promises.map(([, , file, title]) => [file as string, title as string]))(
    'names a test that exists: %s: %s',
    (file, title) => {
      expect(existsSync(join(ROOT, file))).toBe(true);
      const titles = readFileSync(join(ROOT, file), 'utf8').match(/(['"`])(?:(?!\1)[^\\\n]|\\.)*\1/g) ?? [];
      expect(titles.filter((one) => one.replace(/\\(.)/g, '$1').slice(1).startsWith(title))).not.toEqual([]);
    },
  );
});
