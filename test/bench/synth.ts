import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateProviderBindingsFromSchema } from '@cdktf/provider-generator';
import { transformSync } from 'esbuild';
import { compared, inTurn, type Measured, median, type Program, run, type Sample, shown } from './measure';

const ROOT = join(__dirname, '../..');
const PROGRAMS = join(__dirname, 'programs');
/** Of each program. */
const TIMES = 5;

const node = (...argv: string[]): Promise<Sample> => run({ argv: [process.execPath, ...argv] });
const program = (name: string, ...args: string[]) => node(join(PROGRAMS, name), ...args);

/**
 * Synth of whole stacks: this library compared with cdktf's base class that only writes the same blocks; then larger
 * stacks.
 */
export async function synthOfStacks(folder: string, vms: number, large: number): Promise<Measured[]> {
  const out = (name: string): string => join(folder, name);
  const ours = (driver: string, count: number) =>
    program('constructs.cjs', String(count), out(`ours-${driver}`), driver);
  const lines: Measured[] = [];
  for (const driver of ['virsh', 'provider']) {
    await ours(driver, vms);
    const json = join(out(`ours-${driver}`), 'stacks/bench/cdk.tf.json');
    const blocks = out(`${driver}.json`);
    writeFileSync(blocks, readFileSync(json));
    const plain = (): Promise<Sample> => program('plain.cjs', blocks, out('plain'));
    const found = await inTurn(TIMES, { plain, ours: () => ours(driver, vms) });
    const row = `synth of ${vms} VMs with images, ${driver}; the same blocks by plain cdktf`;
    lines.push(compared(row, found.ours, found.plain, 1.5));
    if (driver !== 'virsh') continue;
    const more = await inTurn(3, { large: () => ours(driver, large) });
    lines.push(compared(`synth of ${large} VMs; of ${vms}`, more.large, found.ours, (5.5 * large) / (5 * vms)));
  }
  return lines;
}

/**
 * Synth of libvirt_domain alone: our bindings compared with those that cdktf's generator makes from the same schema.
 */
export async function synthOfDomains(folder: string, vms: number): Promise<Measured[]> {
  const generated = await generatedBindings(folder);
  const domains = (bindings: string) => program('domains.cjs', String(vms), join(folder, 'domains'), bindings);
  const found = await inTurn(3, {
    generated: () => domains(generated),
    ours: () => domains(join(ROOT, 'dist/lib/provider-libvirt')),
  });
  const row = `synth of ${vms} libvirt_domain; by the generated bindings`;
  return [compared(row, found.ours, found.generated, 0.1)];
}

/** As `cdktf get` makes them, then compiled; returns their folder. */
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

/** What a program pays before its first construct. */
export async function requires(): Promise<Measured[]> {
  const load = (what: string) => () => node('-e', `${what}; console.log(process.resourceUsage().maxRSS)`);
  const cdktf = `require('${join(ROOT, 'node_modules/cdktf')}')`;
  const { alone, ours } = await inTurn(11, {
    alone: load(cdktf),
    ours: load(`${cdktf}; require('${join(ROOT, 'dist/constructs')}')`),
  });
  const more = (of: (sample: Sample) => number): number => median(ours, of) - median(alone, of);
  const milliseconds = { value: more(({ seconds }) => 1000 * seconds), unit: ' ms', target: 30 };
  const mebibytes = { value: more((sample) => sample.mebibytes ?? 0), unit: ' MB', target: 10 };
  const row = 'require of the package; cdktf alone';
  return [milliseconds, mebibytes].map((reached) => ({ row, ours: shown(ours), against: shown(alone), reached }));
}

/** The script that Terraform starts, when it has nothing to do. */
export async function starts(): Promise<Measured[]> {
  const times = 10;
  const each = ({ seconds, cpu }: Sample): Sample => ({ seconds: seconds / times, cpu: cpu / times });
  const loop =
    (env: Program['env'], ...argv: string[]) =>
    async (): Promise<Sample> =>
      each(await run({ argv: ['sh', join(PROGRAMS, 'nothing.sh'), String(times), process.execPath, ...argv], env }));
  const { bare, ours } = await inTurn(7, {
    bare: loop({}, '-e', '0'),
    ours: loop({ CDKTF_LIBVIRT_CEPH_SPEC: 'null' }, join(ROOT, 'dist/lib/exec.cjs'), 'domain', 'ensure'),
  });
  return [compared('script with nothing to do; node -e 0', ours, bare, 1.4)];
}

/** The compiled library, as users load it. */
export function buildLibrary(): void {
  execFileSync(process.execPath, ['build.mjs'], { cwd: ROOT, stdio: 'inherit' });
}
