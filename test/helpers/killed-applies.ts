import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { basename, join } from 'node:path';
import { terraformBinary } from '../../lib/cli/terraform-stack';

/**
 * What the provider had made and not yet reported when Terraform was killed: the next apply ends with "already exists",
 * and docs/drivers.md says what to do.
 */
export function lostByProvider(output: string): string[] {
  if (!/already\s+exists/.test(output)) return [];
  return [...output.matchAll(/with libvirt_(?:domain|pool)\.kvm1-([\w-]+),/g)].map(([, name]) => name ?? '');
}

/** What scripts and Terraform said in each apply, without the plans. */
export function saidOfKilled(outputs: readonly string[]): string {
  return outputs
    .flatMap((output, round) => [
      `apply ${round + 1}:`,
      ...output.split('\n').filter((line) => /\(local-exec\): (?!Executing)|^Error|already exists/.test(line)),
    ])
    .join('\n');
}

/** What the scripts say of a worker that was killed alone: an error that names the object and what to do. */
export function deathsOfWorkers(output: string): string[] {
  return output.split('\n').filter((line) => /\(local-exec\): .*'the Ceph worker'/.test(line));
}

/** The scripts of Terraform in this folder, and what they started; without its provider, which may survive a kill. */
export function scriptsIn(folder: string): string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      if (!/^\d+$/.test(name) || readlinkSync(join('/proc', name, 'cwd')) !== folder) return false;
      const command = readFileSync(join('/proc', name, 'comm'), 'utf8').trim();
      return !command.startsWith('terraform') && command !== basename(terraformBinary());
    } catch {
      return false; // it has ended
    }
  });
}
