import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { terraformBinary } from '../lib/cli/terraform-stack';
import { PROVIDER_SOURCE, PROVIDER_VERSION_CONSTRAINT } from '../lib/provider-libvirt';

/** Terraform's message when neither a registry nor a mirror has it. Its lines are wrapped, so they are joined. */
const NOT_TO_BE_HAD =
  /Failed to ((query|resolve)( available)? provider packages|install provider)|Could not retrieve the list of available versions|no available releases match/;

/**
 * Why `terraform init` does not find the provider, in the registry or in a mirror on this machine; empty when it does.
 * Throws when it fails for another reason: that must not count as a missing provider.
 */
export function providerMissing(timeout = 60_000): string {
  const folder = mkdtempSync(join(tmpdir(), 'clc-provider-'));
  const libvirt = { source: PROVIDER_SOURCE, version: PROVIDER_VERSION_CONSTRAINT };
  try {
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify({ terraform: { required_providers: { libvirt } } }));
    // On a silent network the checkpoint call would hang for minutes.
    const env = { ...process.env, CHECKPOINT_DISABLE: '1' };
    const args = ['init', '-input=false', '-no-color'];
    const { status, error, stderr } = spawnSync(terraformBinary(), args, {
      cwd: folder,
      env,
      timeout,
      encoding: 'utf8',
    });
    if (status === 0) return '';
    const seconds = timeout / 1000;
    if (error !== undefined && 'code' in error && error.code === 'ETIMEDOUT')
      return `terraform init did not find ${PROVIDER_SOURCE} ${PROVIDER_VERSION_CONSTRAINT} within ${seconds} s`;
    const said = (error?.message ?? stderr).replace(/\s+/g, ' ').trim();
    if (error !== undefined || !NOT_TO_BE_HAD.test(said)) {
      throw new Error(
        `'terraform init' failed, and not for want of ${PROVIDER_SOURCE}: ${said || `exit code ${status}`}`,
      );
    }
    return `terraform init does not find ${PROVIDER_SOURCE} ${PROVIDER_VERSION_CONSTRAINT}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
