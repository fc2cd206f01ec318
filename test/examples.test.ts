import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { LibvirtDriver } from '../constructs';
import { DRIVERS } from './helpers/scene';
import { EXAMPLES, synthExample } from './helpers/example';
import { expectValidForProvider } from './helpers/provider-schema';
import type { Rendered } from './helpers/synth';

const ROOT = join(__dirname, '..');
const CASES = EXAMPLES.flatMap((example) => DRIVERS.map((driver) => [example, driver] as const));

beforeAll(() => {
  if (existsSync(join(ROOT, 'dist/lib/exec.cjs'))) return;
  execFileSync(process.execPath, ['build.mjs', 'exec'], { cwd: ROOT, stdio: 'ignore' });
}, 60_000);

function stacksOf(example: string, driver: LibvirtDriver): Rendered[] {
  const { folder, stacks } = synthExample(example, { LIBVIRT_DRIVER: driver });
  rmSync(folder, { recursive: true });
  return Object.values(stacks);
}
const jsonOf = (example: string, driver: LibvirtDriver): Rendered => stacksOf(example, driver)[0];
const textOf = (file: string): string => readFileSync(join(ROOT, 'examples', file), 'utf8');

describe.each(CASES)('The example %s with %s', (example, driver) => {
  it('synthesizes valid configuration for the provider, or none at all', () => {
    const blocks = stacksOf(example, driver).map((stack) => expectValidForProvider(stack));
    expect(Math.max(...blocks) > 0).toBe(driver === LibvirtDriver.PROVIDER);
  });
});

describe.each(EXAMPLES)('The page of the example %s', (example) => {
  it('gives the command that deploys it', () => {
    expect(textOf(`${example}/README.md`)).toMatch(/^# .+\n[^]*?\bnpx cdktf deploy [^\n]+\n *```\n/);
  });

  it('has a row on the page of all examples', () => {
    expect(textOf('README.md')).toContain(`](${example}/README.md)`);
  });

  it('has no projectId, which would make it the owner of what others deploy', () => {
    expect(JSON.parse(textOf(`${example}/cdktf.json`))).not.toHaveProperty('projectId');
  });
});

describe('The example escape-hatches', () => {
  it('overrides the resources of the provider', () => {
    const { resource } = jsonOf('escape-hatches', LibvirtDriver.PROVIDER);
    const vm = resource.libvirt_domain['kvm1-hatches1'];
    expect(vm.devices.watchdogs).toEqual([{ model: 'i6300esb', action: 'reset' }]);
    expect(vm.devices.disks).toHaveLength(1);
    expect(vm.features).toMatchObject({ acpi: true, kvm: { hidden: { state: 'on' } } });
    const pool = resource.libvirt_pool['kvm1-hatches'];
    expect(pool.rbd_commandline).toEqual({ options: [{ name: 'client_mount_timeout', value: '30' }] });
  });

  it('adds XML with virsh', () => {
    const { resource } = jsonOf('escape-hatches', LibvirtDriver.VIRSH);
    expect(resource.terraform_data.hatches1_spec.triggers_replace.xml).toHaveLength(2);
  });
});
