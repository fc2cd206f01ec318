import { execa } from 'execa';

/** One run: elapsed seconds, and CPU seconds of it and of its children (without daemons). */
export interface Sample {
  readonly seconds: number;
  readonly cpu: number;
  /** Peak resident memory, if the program printed it. */
  readonly mebibytes?: number;
}

/** One line of the table. */
export interface Measured {
  readonly row: string;
  readonly ours: string;
  readonly against: string;
  /** Absent if there is no target. */
  readonly reached?: { readonly value: number; readonly unit: string; readonly target: number };
}

export interface Program {
  readonly argv: readonly string[];
  readonly cwd?: string;
  readonly env?: { readonly [name: string]: string };
}

/** Runs a program to its end and throws if it fails; the last thing that it prints may be its peak memory in KiB. */
export async function run({ argv, cwd, env = {} }: Program): Promise<Sample> {
  const script = 'TIMEFORMAT="%R %U %S"; { time "$@" 2>&3; } 3>&1';
  const { exitCode, stdout, stderr } = await execa('bash', ['-c', script, 'bash', ...argv], {
    cwd,
    env: { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1', ...env },
    stdin: 'ignore',
    reject: false,
  });
  if (exitCode !== 0) throw new Error(`${argv.join(' ').slice(0, 500)} ended with ${exitCode}:\n${stdout}\n${stderr}`);
  const [seconds = 0, user = 0, system = 0] = (stderr.split('\n').at(-1) ?? '').split(' ').map(Number);
  const printed = Number(stdout.split('\n').at(-1));
  return { seconds, cpu: user + system, mebibytes: printed > 0 ? printed / 1024 : undefined };
}

/** The median of what `of` selects. */
export function median(samples: readonly Sample[], of: (sample: Sample) => number = ({ seconds }) => seconds): number {
  const sorted = samples.map(of).sort((a, b) => a - b);
  const at = sorted.length / 2;
  return sorted.length % 2 === 1 ? (sorted[Math.floor(at)] ?? 0) : ((sorted[at - 1] ?? 0) + (sorted[at] ?? 0)) / 2;
}

/** "5.12 s (4.98-5.40), 3.1 CPU s": the median, the spread, the median of the CPU seconds. */
export function shown(samples: readonly Sample[]): string {
  const seconds = samples.map((sample) => sample.seconds);
  const figure = (value: number): string => value.toFixed(median(samples) < 1 ? 3 : 1);
  const spread = `${figure(Math.min(...seconds))}-${figure(Math.max(...seconds))}`;
  const memory =
    samples[0]?.mebibytes === undefined ? '' : `, ${median(samples, (one) => one.mebibytes ?? 0).toFixed(0)} MiB`;
  return `${figure(median(samples))} s (${spread}), ${figure(median(samples, ({ cpu }) => cpu))} CPU s${memory}`;
}

/** Our side as a multiple of the other. */
export function compared(row: string, ours: readonly Sample[], against: readonly Sample[], target: number): Measured {
  const reached = { value: median(ours) / median(against), unit: 'x', target };
  return { row, ours: shown(ours), against: shown(against), reached };
}

/** Runs the sides alternately, so that the machine's load affects all of them. */
export async function inTurn<K extends string>(
  times: number,
  sides: { readonly [name in K]: () => Promise<Sample> },
): Promise<{ readonly [name in K]: Sample[] }> {
  const names = Object.keys(sides) as K[];
  const found = Object.fromEntries(names.map((name) => [name, []])) as unknown as { [name in K]: Sample[] };
  for (let i = 0; i < times; i++) for (const name of names) found[name].push(await sides[name]());
  return found;
}

/** The lines as docs/speed.md has them. */
export function table(lines: readonly Measured[]): string {
  const cells = lines.map(({ row, ours, against, reached }) => [
    row,
    ours,
    against,
    reached ? `${reached.value.toFixed(2)}${reached.unit}` : '',
    reached ? `${reached.target}${reached.unit}${reached.value <= reached.target ? '' : ' (missed)'}` : '',
  ]);
  const all = [['row', 'ours', 'compared with', 'result', 'target'], ['---', '---', '---', '---', '---'], ...cells];
  return all.map((line) => `| ${line.join(' | ')} |`).join('\n');
}
