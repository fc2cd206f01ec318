import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { giveName } from '../../../lib/vm-snapshots/export';

describe('A file exported under a temporary name', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clc-export-'));
  const [temporary, file] = [join(folder, 'vda.raw.part'), join(folder, 'vda.raw')];

  afterAll(() => rmSync(folder, { recursive: true }));

  test('gets its name when that is free', () => {
    writeFileSync(temporary, 'whole');
    giveName(temporary, file);
    expect([readdirSync(folder), readFileSync(file, 'utf8')]).toEqual([['vda.raw'], 'whole']);
  });

  test('fails to take a name that exists, in one atomic operation', () => {
    writeFileSync(temporary, 'second');
    expect(() => giveName(temporary, file)).toThrow(`'${file}' already exists; choose another folder`);
    expect(readFileSync(file, 'utf8')).toBe('whole');
  });
});
