import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LibvirtDriver } from '../constructs';
import { DRIVERS } from './helpers/scene';
import { expectValidForProvider } from './helpers/provider-schema';
import type { Rendered } from './helpers/synth';

const ROOT = join(__dirname, '..');
const EXAMPLES = readdirSync(join(ROOT, 'examples'));
const CASES = EXAMPLES.flatMap((example) => DRIVERS.map((driver) => [example, driver] as const));

beforeAll(() => {
  if (existsSync(join(ROOT, 'dist/lib/exec.cjs'))) return;
  execFileSync(process.execPath, ['build.mjs', 'exec'], { cwd: ROOT, stdio: 'ignore' });
}, 60_000);

/** Runs an example as cdktf does, in this process; gives its stack's JSON. */
function synthExample(example: string, driver: LibvirtDriver): Rendered {
  const folder = mkdtempSync(join(tmpdir(), 'clc-example-'));
  const before = { ...process.env };
  Object.assign(process.env, {
    CDKTF_OUTDIR: folder,
    CDKTF_CONTEXT_JSON: JSON.stringify({ libvirtCephOwner: 'examples' }),
    LIBVIRT_DRIVER: driver,
  });
  try {
    // A module registry of its own, as each example runs when it is loaded.
    jest.isolateModules(() => require(join(ROOT, 'examples', example, 'main.ts')));
    const [stack = ''] = readdirSync(join(folder, 'stacks'));
    return JSON.parse(readFileSync(join(folder, 'stacks', stack, 'cdk.tf.json'), 'utf8'));
  } finally {
    process.env = before;
    rmSync(folder, { recursive: true });
  }
}

describe.each(CASES)('The example %s by %s', (example, driver) => {
  const json = (): Rendered => synthExample(example, driver);

  it('synthesizes, and holds for the provider what the provider takes, or nothing', () => {
    const blocks = expectValidForProvider(json());
    expect(blocks > 0).toBe(driver === LibvirtDriver.PROVIDER);
  });
});

describe('The example escape-hatches', () => {
  it('overrides the resources of the provider', () => {
    const { resource } = synthExample('escape-hatches', LibvirtDriver.PROVIDER);
    const vm = resource.libvirt_domain['kvm1-hatches1'];
    expect(vm.devices.watchdogs).toEqual([{ model: 'itco', action: 'reset' }]);
    expect(vm.devices.disks).toHaveLength(1);
    expect(vm.features).toMatchObject({ acpi: true, kvm: { hidden: { state: 'on' } } });
    const pool = resource.libvirt_pool['kvm1-hatches'];
    expect(pool.rbd_commandline).toEqual({ options: [{ name: 'client_mount_timeout', value: '30' }] });
  });

  it('adds XML by virsh', () => {
    const { resource } = synthExample('escape-hatches', LibvirtDriver.VIRSH);
    expect(resource.terraform_data.hatches1.triggers_replace.xml).toHaveLength(2);
  });
});
