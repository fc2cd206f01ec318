import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noteFinished, takeNote } from '../../../lib/exec/finished';

const fileOf = (run: string) => join(tmpdir(), `cdktf-libvirt-ceph-${run}.done`);

test('a note is there for its own run, once', () => {
  const run = randomUUID();
  noteFinished(run);
  expect(takeNote(randomUUID())).toBe(false);
  expect(takeNote(run)).toBe(true);
  expect(existsSync(fileOf(run))).toBe(false);
  expect(takeNote(run)).toBe(false);
});

test('a note that is there already is no fault', () => {
  const run = randomUUID();
  noteFinished(run);
  noteFinished(run);
  expect(takeNote(run)).toBe(true);
});

test.each([undefined, '', '../passwd', 'not-an-id'])('nothing is noted for %p, which is no id of Terraform', (run) => {
  noteFinished(run);
  expect(takeNote(run)).toBe(false);
});
