import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateProviderBindingsFromSchema } from '@cdktf/provider-generator';
import { transformSync } from 'esbuild';
import { type Comparison, program } from './measure';

const ROOT = join(__dirname, '../..');
const PROGRAMS = join(__dirname, 'programs');

/** Synth of whole stacks: this library against cdktf's base class that only writes down the same blocks. */
export async function synthOfStacks(vms: number, folder: string): Promise<Comparison> {
  const ours = async (driver: string) =>
    program(
      `constructs, ${driver}`,
      join(PROGRAMS, 'constructs.cjs'),
      String(vms),
      join(folder, `constructs-${driver}`),
      driver,
    );
  const virsh = await ours('virsh');
  const provider = await ours('provider');
  const json = join(folder, 'constructs-provider/stacks/bench/cdk.tf.json');
  const plain = await program(
    'the same blocks by plain cdktf',
    join(PROGRAMS, 'plain.cjs'),
    json,
    join(folder, 'plain'),
  );
  return { title: `synth of ${vms} VMs with their images`, sides: [plain, provider, virsh] };
}

/** Synth of libvirt_domain alone: our bindings against those that cdktf's generator makes of the same schema. */
export async function synthOfDomains(vms: number, folder: string): Promise<Comparison> {
  const by = (name: string, bindings: string, out: string) =>
    program(name, join(PROGRAMS, 'domains.cjs'), String(vms), join(folder, out), bindings);
  const generated = await by('the generated bindings', await generatedBindings(folder), 'domains-generated');
  const ours = await by('our bindings', join(ROOT, 'dist/lib/provider-libvirt'), 'domains-ours');
  return { title: `synth of ${vms} libvirt_domain, compiled`, sides: [generated, ours] };
}

/** As `cdktf get` makes them, then compiled: their folder. */
async function generatedBindings(folder: string): Promise<string> {
  const schema = JSON.parse(readFileSync(join(ROOT, 'lib/provider-libvirt/schema.json'), 'utf8')) as never;
  await generateProviderBindingsFromSchema(folder, schema);
  const made = join(folder, 'providers/libvirt');
  for (const name of readdirSync(made, { recursive: true, encoding: 'utf8' }).filter((one) => one.endsWith('.ts'))) {
    const file = join(made, name);
    const { code } = transformSync(readFileSync(file, 'utf8'), { loader: 'ts', format: 'cjs' });
    writeFileSync(file.replace(/\.ts$/, '.js'), code);
  }
  if (!existsSync(join(folder, 'node_modules'))) symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return made;
}

/** The compiled library, which users load. */
export function buildLibrary(folder: string): void {
  mkdirSync(folder, { recursive: true });
  execFileSync(process.execPath, ['build.mjs'], { cwd: ROOT, stdio: 'inherit' });
}
