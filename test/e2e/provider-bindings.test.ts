import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, TerraformOutput, TerraformStack, Token } from 'cdktf';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import {
  DataLibvirtDomainInterfaceAddresses,
  Domain,
  LibvirtProvider,
  Network,
  Pool,
  Volume,
} from '../../lib/provider-libvirt';
import { recordSchema } from '../../lib/provider-libvirt/generator/schema';
import { describeByProvider } from '../helpers/drivers';
import { expectValidForProvider } from '../helpers/provider-schema';
import { rbdDomain, rbdPool } from '../helpers/provider-example';

let outdir = '';
let folder = '';
// A silent network would hold the checkpoint call for minutes.
const env = { ...process.env, CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', NO_COLOR: '1' };

function terraform(...args: string[]): { code: number | null; stdout: string; stderr: string } {
  const options = { cwd: folder, env, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, timeout: 60_000 } as const;
  const { status, stdout, stderr, error } = spawnSync(terraformBinary(), args, options);
  return { code: status, stdout: stdout ?? '', stderr: stderr || String(error ?? '') };
}

function synth(): void {
  outdir = mkdtempSync(join(tmpdir(), 'provider-bindings-'));
  folder = join(outdir, 'stacks', 'bindings');
  const app = new App({ outdir, skipValidation: true });
  const stack = new TerraformStack(app, 'bindings');
  const kvm1 = new LibvirtProvider(stack, 'kvm1', { uri: 'qemu:///system', alias: 'kvm1' });
  const network = new Network(stack, 'lan', {
    name: 'lan',
    provider: kvm1,
    forward: { mode: 'nat' },
    ips: [{ address: '10.9.0.1', prefix: 24, dhcp: { ranges: [{ start: '10.9.0.10', end: '10.9.0.99' }] } }],
  });
  const pool = new Pool(stack, 'images', { ...rbdPool('images'), provider: kvm1 });
  const volume = new Volume(stack, 'data', { name: 'data', pool: pool.name, capacity: 1024, provider: kvm1 });
  const vm = new Domain(stack, 'web1', { ...rbdDomain('web1', network.name), provider: kvm1, dependsOn: [pool] });
  const addresses = new DataLibvirtDomainInterfaceAddresses(stack, 'ip', { domain: vm.uuid, provider: kvm1 });
  new TerraformOutput(stack, 'address', { value: addresses.ref((a) => a.interfaces.at(0).addrs.at(0).addr) });
  new TerraformOutput(stack, 'path', { value: volume.ref((a) => a.target.path) });
  new TerraformOutput(stack, 'domain-id', { value: Token.asString(vm.id) });
  app.synth();
}

describeByProvider('The bindings', () => {
  beforeAll(synth);
  afterAll(() => rmSync(outdir, { recursive: true, force: true }));

  it('synthesize what terraform init accepts', () => {
    expect(terraform('init', '-input=false', '-no-color')).toMatchObject({ code: 0 });
  });

  it('synthesize what terraform validate accepts, and the schema check agrees', () => {
    const result = JSON.parse(terraform('validate', '-json').stdout) as { diagnostics: unknown[] };
    expect(result).toMatchObject({ valid: true, diagnostics: [] });
    expect(expectValidForProvider(readFileSync(join(folder, 'cdk.tf.json'), 'utf8'))).toBe(6);
  });

  it('are generated from the schema of this provider', () => {
    const recorded = readFileSync(join(__dirname, '../../lib/provider-libvirt/schema.json'), 'utf8');
    // Not toBe: a failure would print both, half a megabyte.
    expect(recordSchema(terraform('providers', 'schema', '-json').stdout) === recorded).toBe(true);
  });
});
