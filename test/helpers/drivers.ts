import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LibvirtDriver } from '../../constructs';
import { PROVIDER_SOURCE, PROVIDER_VERSION_CONSTRAINT } from '../../lib/provider-libvirt';

const VARIABLE = 'CLC_PROVIDER_MISSING';

/** Why `terraform init` does not find the provider; empty when it does. Looked up once a run, by jest's global setup. */
export function providerMissing(): string {
  return (process.env[VARIABLE] ??= lookUp());
}

/** A `describe` whose tests count as skipped, with the reason in their title, where the provider is not found. */
export function describeByProvider(title: string, tests: () => void): void {
  const missing = providerMissing();
  if (missing === '') describe(`${title}, by PROVIDER`, tests);
  else describe.skip(`${title}, by PROVIDER (skipped: ${missing})`, tests);
}

/** The same tests for each driver; `prefix` is for the names of what a test makes, as both share a lab. */
export function describeByDriver(title: string, tests: (driver: LibvirtDriver, prefix: string) => void): void {
  describe(`${title}, by VIRSH`, () => tests(LibvirtDriver.VIRSH, 'v'));
  describeByProvider(title, () => tests(LibvirtDriver.PROVIDER, 'p'));
}

function lookUp(): string {
  const folder = mkdtempSync(join(tmpdir(), 'clc-provider-'));
  const wanted = { source: PROVIDER_SOURCE, version: PROVIDER_VERSION_CONSTRAINT };
  try {
    writeFileSync(
      join(folder, 'main.tf.json'),
      JSON.stringify({ terraform: { required_providers: { libvirt: wanted } } }),
    );
    const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
    const { status } = spawnSync('terraform', ['init', '-input=false'], { cwd: folder, env, timeout: 60_000 });
    return status === 0 ? '' : `terraform init does not find ${PROVIDER_SOURCE} ${PROVIDER_VERSION_CONSTRAINT}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
