import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, type TerraformStack } from 'cdktf';
import { LibvirtDriver, type RbdBackedVmProps } from '../../constructs';
import { fillTemplate, type SeedTemplate } from '../../lib/seed/template';
import { Scene } from './scene';
import { stackOf } from './synth';

type Guest = Pick<RbdBackedVmProps, 'cloudInit' | 'ignition' | 'ignitionFile'>;

/** A VM whose guest receives this. */
export const vmWith =
  (guest: Guest | ((stack: TerraformStack) => Guest), driver = LibvirtDriver.VIRSH) =>
  (stack: TerraformStack): void =>
    void new Scene(stack, driver).vm('web1', typeof guest === 'function' ? guest(stack) : guest);

/** The files that the apply makes from the one seed of a stack, with these values. */
export function seedFiles(build: (stack: TerraformStack) => void, values: unknown[] = []): { [name: string]: string } {
  const outdir = mkdtempSync(join(tmpdir(), 'clc-seed-'));
  try {
    const app = new App({ outdir, context: { libvirtCephOwner: 'tests' } });
    build(stackOf('stack', app));
    app.synth();
    const folder = join(outdir, 'stacks/stack/assets/cdktf-libvirt-ceph-seeds');
    const [name = '', ...others] = readdirSync(folder);
    expect(others).toEqual([]);
    const template = JSON.parse(readFileSync(join(folder, name), 'utf8')) as SeedTemplate;
    return Object.fromEntries(
      fillTemplate(template, values).map((file) => [file.name, Buffer.from(file.content).toString()]),
    );
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
