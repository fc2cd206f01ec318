import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RbdImageSpec, SeedSpec } from '../../../lib/model';
import { rbdImage } from '../../../lib/steps/rbd-image';
import { creationByHand } from '../../../lib/steps/rbd-image/runbook-creation';
import { judgeSeed, refuseOther } from '../../../lib/steps/rbd-image/seed-steps';
import { digestOf, parseSeedRecord, renderSeed, SEED_BYTES } from '../../../lib/steps/rbd-image/seed-content';

const seed: SeedSpec = { files: { 'meta-data': 'aa', 'user-data': 'bb' } };
const spec: RbdImageSpec = {
  v: 1,
  owner: { project: 'shop', stack: 'prod', workspace: 'default' },
  entryId: 'entry',
  cluster: { monitors: ['10.0.0.1'], transport: { type: 'local' } },
  pool: 'vms',
  name: 'web1-seed',
  source: { seed },
  seedFile: '/nowhere/seed.json',
};
const record = { id: '1', seed, digest: 'dd' };

describe('The spec of a seed', () => {
  test('is parsed unchanged', () => {
    const whole = { ...spec, source: { seed: { ...seed, variables: 2 } }, seedValues: ['a', 1] };
    expect(rbdImage.parseSpec(JSON.parse(JSON.stringify(whole)))).toEqual(whole);
    expect(() => rbdImage.parseSpec({ ...spec, source: { seed, blank: true } })).toThrow(/exactly one of/);
  });

  test('is told as commands that make it by hand', () => {
    const iso = '"${folder:?}"/seed.iso';
    const files = '"${folder:?}"/meta-data "${folder:?}"/user-data';
    const [written, ...rest] = creationByHand({ ...spec, seedFile: "/srv/it's.json" });
    expect(written).toMatch(/^node -e 'const .*' '\/srv\/it'\\''s\.json' "\$\{folder:\?\}"$/);
    expect(rest).toEqual([
      `genisoimage -quiet -volid cidata -joliet -rock -output ${iso} ${files}`,
      `truncate --size 4194304 ${iso}`,
      `rbd import --object-size 4194304B --no-progress - vms/web1-seed <${iso}`,
    ]);
  });

  test('asks who runs its commands for the files with values that only an apply knows', () => {
    const [first] = creationByHand({ ...spec, source: { seed: { ...seed, variables: 2 } } });
    expect(first).toBe(
      ': "${seed_folder:?a folder with meta-data, user-data for vms/web1-seed: only an apply knows 2 of the values in them}"',
    );
  });
});

describe('The content of an existing seed', () => {
  test('is compared by the hash of each file', () => {
    expect(judgeSeed(seed, record)).toEqual({ ok: true });
    const other = { files: { 'user-data': 'cc', 'vendor-data': 'dd' } };
    expect(judgeSeed(other, record)).toEqual({ ok: false, differs: 'meta-data, user-data, vendor-data changed' });
  });

  test('is rewritten by an apply even when only the value of a variable may differ, and verify accepts it', () => {
    const wanted = { ...seed, variables: 1 };
    expect(judgeSeed(wanted, { ...record, seed: wanted })).toMatchObject({ ok: true, alwaysAct: expect.any(String) });
  });

  test('is known from a record that names the image, not from one that a copy inherited', () => {
    expect(parseSeedRecord(JSON.stringify(record), '1')).toEqual(record);
    expect(parseSeedRecord(JSON.stringify(record), '2')).toBeUndefined();
    expect(parseSeedRecord('no JSON', '1')).toBeUndefined();
    expect(parseSeedRecord(undefined, '1')).toBeUndefined();
  });

  test('fails for an image that is not a seed, and leaves it unchanged', () => {
    expect(() => refuseOther(spec, record)).not.toThrow();
    expect(() => refuseOther(spec, undefined)).toThrow(
      "image 'vms/web1-seed' already exists and is not a seed: its content would be lost; rename it, 'rbd mv vms/web1-seed vms/web1-seed-old', or the VM",
    );
  });
});

describe('The new content of a seed', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'clc-seed-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const given = (text: string, fields: Partial<RbdImageSpec> = {}): RbdImageSpec => {
    const seedFile = join(folder, 'seed.json');
    writeFileSync(seedFile, text);
    return { ...spec, seedFile, ...fields };
  };
  const withValue = JSON.stringify({ files: { 'user-data': ['password: ', { value: 0 }] } });
  const variables = { source: { seed: { ...seed, variables: 1 } } };

  test('fills its image, identically for identical text', () => {
    const content = renderSeed(given(JSON.stringify({ files: { 'user-data': ['#!'] } })));
    expect(content).toHaveLength(SEED_BYTES);
    expect(digestOf(renderSeed(given(JSON.stringify({ files: { 'user-data': ['#!'] } }))))).toBe(digestOf(content));
  });

  test('contains the values given at apply', () => {
    const content = renderSeed(given(withValue, { ...variables, seedValues: ['s3cret'] }));
    expect(content.includes('password: s3cret')).toBe(true);
  });

  test('fails without the values, as in a repair, and says what creates it', () => {
    expect(() => renderSeed(given(withValue, variables))).toThrow(
      /image 'vms\/web1-seed': its seed contains 1 values that only a Terraform apply knows; apply \(if nothing else changes, with '-replace='/,
    );
  });

  test('fails when its text is missing or incomplete, and prints nothing of it', () => {
    expect(() => renderSeed(spec)).toThrow(/cannot be read from '\/nowhere\/seed.json': ENOENT; synthesize the stack/);
    const broken = (): Buffer => renderSeed(given('{"files": s3cret'));
    expect(broken).toThrow('it has changed since synth');
    expect(broken).not.toThrow('s3cret');
  });

  test('fails when it is larger than its image', () => {
    const text = JSON.stringify({ files: { 'user-data': ['x'.repeat(SEED_BYTES)] } });
    expect(() => renderSeed(given(text))).toThrow(/more than the 4194304 that fit; let the guest fetch what is large/);
  });
});
