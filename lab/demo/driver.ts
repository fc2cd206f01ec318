import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { PROVIDER_SOURCE, PROVIDER_VERSION_CONSTRAINT } from '../../lib/provider-libvirt';
import { say } from './report';

/** What makes the VM: as asked for, else the provider where `terraform init` finds it. Says which and why. */
export async function chooseDriver(asked: string | undefined): Promise<string> {
  if (asked !== undefined && asked !== 'virsh' && asked !== 'provider') {
    throw new Error(`'--driver' must be virsh or provider, got '${asked}'`);
  }
  if (asked !== undefined) {
    say(`driver: ${asked}, as asked for`);
    return asked;
  }
  const found = await providerIsFound();
  say(
    found
      ? `driver: provider, as 'terraform init' finds ${PROVIDER_SOURCE}`
      : `driver: virsh, as 'terraform init' does not find ${PROVIDER_SOURCE} from here`,
  );
  return found ? 'provider' : 'virsh';
}

/** Whether `terraform init` finds the provider, in the registry or in a mirror on this machine. */
export async function providerIsFound(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), 'clc-provider-'));
  const wanted = { source: PROVIDER_SOURCE, version: PROVIDER_VERSION_CONSTRAINT };
  try {
    await writeFile(
      join(folder, 'main.tf.json'),
      JSON.stringify({ terraform: { required_providers: { libvirt: wanted } } }),
    );
    const env = { CHECKPOINT_DISABLE: '1' };
    const { exitCode } = await execa('terraform', ['init', '-input=false'], {
      cwd: folder,
      reject: false,
      timeout: 60_000,
      env,
    });
    return exitCode === 0;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
