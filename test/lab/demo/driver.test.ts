import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { chooseDriver } from '../../../lab/demo/driver';
import { providerMissing } from '../../../lab/provider';
import { PROVIDER_SOURCE, PROVIDER_VERSION_CONSTRAINT } from '../../../lib/provider-libvirt';

const PATH = process.env['PATH'] ?? '';
delete process.env['TERRAFORM_BINARY_NAME'];
let folder = '';
let said = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clc-driver-'));
  said = '';
  jest.spyOn(process.stdout, 'write').mockImplementation((text) => {
    said += String(text);
    return true;
  });
});

afterEach(() => {
  process.env['PATH'] = PATH;
  rmSync(folder, { recursive: true });
  jest.restoreAllMocks();
});

/** A `terraform` before the one of this machine. */
function fake(...script: string[]): void {
  const file = join(folder, 'terraform');
  writeFileSync(file, ['#!/bin/sh', ...script].join('\n'));
  chmodSync(file, 0o755);
  process.env['PATH'] = [folder, PATH].join(delimiter);
}

/** One whose `init` fails with what it says, as Terraform 1.11 wraps it. */
function failing(...lines: string[]): void {
  writeFileSync(join(folder, 'said'), ['Error: it failed', '', ...lines].join('\n'));
  fake(`cat '${join(folder, 'said')}' >&2`, 'exit 1');
}

const QUERY = 'Error: Failed to query available provider packages';

describe('The driver of the demo', () => {
  it('is the provider when terraform init finds it, in the version that the constructs ask for', () => {
    const wanted = JSON.stringify({ source: PROVIDER_SOURCE, version: PROVIDER_VERSION_CONSTRAINT });
    fake(`test "$1 $2" = 'init -input=false' || exit 1`, `grep -qF '${wanted}' main.tf.json`);
    expect(chooseDriver(undefined)).toBe('provider');
    expect(said).toBe("driver: provider, as 'terraform init' finds dmacvicar/libvirt\n");
  });

  it.each([
    ['the registry is out of reach', [QUERY, '', 'could not connect to', 'registry.terraform.io: no such host']],
    ['the version is not there', ['no available releases', 'match the given constraints 0.9.7']],
    ['no version is told', ['Could not retrieve the list of', 'available versions for provider', 'dmacvicar/libvirt']],
  ])('is virsh when %s', (_title, lines) => {
    failing(...lines);
    expect(chooseDriver(undefined)).toBe('virsh');
    expect(said).toBe("driver: virsh, as 'terraform init' does not find dmacvicar/libvirt from here\n");
  });

  it.each(['virsh', 'provider'])('is %s when that is requested, and nothing is looked up', (asked) => {
    process.env['PATH'] = folder;
    expect(chooseDriver(asked)).toBe(asked);
    expect(said).toBe(`driver: ${asked}, as asked for\n`);
  });

  it.each(['', 'libvirt', 'VIRSH'])("fails for '--driver %s'", (asked) => {
    expect(() => chooseDriver(asked)).toThrow(`'--driver' must be virsh or provider, got '${asked}'`);
    expect(said).toBe('');
  });

  it("fails with terraform's own message when anything but the provider is missing", () => {
    failing('Unsupported Terraform Core version');
    expect(() => chooseDriver(undefined)).toThrow(
      "'terraform init' failed, and not for want of dmacvicar/libvirt: Error: it failed Unsupported Terraform Core version",
    );
    fake('exit 3');
    expect(() => chooseDriver(undefined)).toThrow(/not for want of .*: exit code 3$/);
    expect(said).toBe('');
  });

  it('fails without terraform', () => {
    process.env['PATH'] = folder;
    expect(() => chooseDriver(undefined)).toThrow(/not for want of .*: spawnSync terraform ENOENT$/);
  });

  it('falls back to virsh when the network does not respond', () => {
    fake('exec sleep 60');
    expect(providerMissing(200)).toMatch(/^terraform init did not find .* within 0.2 s$/);
  });
});
