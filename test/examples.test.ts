import { execFileSync } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
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

function jsonOf(example: string, driver: LibvirtDriver): Rendered {
  const { folder, json } = synthExample(example, { LIBVIRT_DRIVER: driver });
  rmSync(folder, { recursive: true });
  return json;
}

describe.each(CASES)('The example %s by %s', (example, driver) => {
  it('synthesizes, and holds for the provider what the provider takes, or nothing', () => {
    const blocks = expectValidForProvider(jsonOf(example, driver));
    expect(blocks > 0).toBe(driver === LibvirtDriver.PROVIDER);
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

  it('adds XML by virsh', () => {
    const { resource } = jsonOf('escape-hatches', LibvirtDriver.VIRSH);
    expect(resource.terraform_data.hatches1_spec.triggers_replace.xml).toHaveLength(2);
  });
});
