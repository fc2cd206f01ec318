import { randomUUID } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noteFinished, takeNote } from '../../../lib/exec/completion-note';

const folder = mkdtempSync(join(tmpdir(), 'finished-'));
beforeEach(() => {
  process.env['TF_DATA_DIR'] = folder;
});
afterAll(() => {
  delete process.env['TF_DATA_DIR'];
  rmSync(folder, { recursive: true });
});

test('a note serves its own run, once', () => {
  const run = randomUUID();
  noteFinished(run);
  expect(takeNote(randomUUID())).toBe(false);
  expect(takeNote(run)).toBe(true);
  expect(readdirSync(folder)).toEqual([]);
  expect(takeNote(run)).toBe(false);
});

test('a note that already exists is no error', () => {
  const run = randomUUID();
  noteFinished(run);
  noteFinished(run);
  expect(takeNote(run)).toBe(true);
});

test.each([undefined, '', '../passwd', 'not-an-id'])('nothing is noted for %p, which is not a Terraform id', (run) => {
  noteFinished(run);
  expect(readdirSync(folder)).toEqual([]);
  expect(takeNote(run)).toBe(false);
});

test('there are no notes without a Terraform folder', () => {
  process.env['TF_DATA_DIR'] = join(folder, 'none');
  const run = randomUUID();
  noteFinished(run);
  expect(takeNote(run)).toBe(false);
});
