import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { GOLDENS, goldenText } from './helpers/golden';
import { expectValidForProvider } from './helpers/provider-schema';

const ROOT = join(__dirname, '..');
const FOLDER = join(__dirname, 'golden');
/** Set by `npm run golden` alone: the files are written, then compared as ever. */
const REWRITE = process.env['CLC_GOLDEN'] === 'rewrite';

const fileOf = (name: string): string => join(FOLDER, `${name}.tf.json`);

beforeAll(() => {
  // The files show what an example does where nothing of the site is set.
  const ofSite = Object.keys(process.env).filter((name) => /^(CEPH|LIBVIRT|GUEST)_/.test(name));
  ofSite.forEach((name) => delete process.env[name]);
  if (!existsSync(join(ROOT, 'dist/lib/exec.cjs'))) {
    execFileSync(process.execPath, ['build.mjs', 'exec'], { cwd: ROOT, stdio: 'ignore' });
  }
  if (!REWRITE) return;
  const texts = GOLDENS.map(({ name, json }) => [fileOf(name), goldenText(json())] as const);
  readdirSync(FOLDER).forEach((file) => rmSync(join(FOLDER, file)));
  texts.forEach(([file, text]) => writeFileSync(file, text));
}, 120_000);

describe('The golden files', () => {
  it('cover three examples and each construct at its defaults', () => {
    expect(readdirSync(FOLDER).sort()).toEqual(GOLDENS.map(({ name }) => `${name}.tf.json`).sort());
  });

  // `npm run golden` writes them anew; what it changed is to be read and committed.
  it.each(GOLDENS)('match what is synthesized: $name', ({ name, json }) => {
    expect(goldenText(json())).toBe(readFileSync(fileOf(name), 'utf8'));
  });

  it.each(GOLDENS)('hold valid configuration for the provider, or none at all: $name', ({ name }) => {
    const blocks = expectValidForProvider(readFileSync(fileOf(name), 'utf8'));
    expect(blocks > 0).toBe(name.endsWith('-provider'));
  });

  it.each(GOLDENS)('contain no path of this machine, and no hash that a build changes: $name', ({ name }) => {
    const text = readFileSync(fileOf(name), 'utf8');
    // '//root@kvm1' is no path.
    const named = (path: string): boolean => new RegExp(`(?<!/)${path}\\b`).test(text);
    expect([ROOT, homedir(), tmpdir()].filter(named)).toEqual([]);
    expect(text).toContain('/assets/cdktf-libvirt-ceph/HASH/exec.cjs');
  });

  it.each(GOLDENS)(
    'leave images to Ceph, with no libvirt volume and none as the source of a disk: $name',
    ({ name }) => {
      const golden = JSON.parse(readFileSync(fileOf(name), 'utf8')) as { resource: object };
      expect(Object.keys(golden.resource)).not.toContain('libvirt_volume');
      expect(keysOf(golden)).not.toContain('volume');
    },
  );
});

/** The names at any depth. */
function keysOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inner = Object.values(value).flatMap(keysOf);
  return Array.isArray(value) ? inner : [...Object.keys(value), ...inner];
}
