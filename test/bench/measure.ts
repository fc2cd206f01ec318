import { execa } from 'execa';

/** What one side of a comparison took. */
export interface Measured {
  readonly name: string;
  readonly seconds: number;
  /** Peak resident memory of the process. */
  readonly mebibytes?: number;
}

/** One comparison; the first is what the others are compared with. */
export interface Comparison {
  readonly title: string;
  readonly sides: readonly Measured[];
}

/** The time that work takes. */
export async function timed(name: string, work: () => Promise<unknown>): Promise<Measured> {
  const started = performance.now();
  await work();
  return { name, seconds: (performance.now() - started) / 1000 };
}

/** Runs a program, which prints its peak memory in KiB, three times, and takes the fastest. */
export async function program(name: string, file: string, ...args: string[]): Promise<Measured> {
  const runs: Measured[] = [];
  for (let i = 0; i < 3; i++) {
    let kibibytes = 0;
    const run = await timed(name, async () => {
      const { stdout } = await execa(process.execPath, [file, ...args]);
      kibibytes = Number(stdout.split('\n').at(-1));
    });
    runs.push({ ...run, mebibytes: kibibytes / 1024 });
  }
  return runs.reduce((fastest, run) => (run.seconds < fastest.seconds ? run : fastest));
}

/** '  by hand    12.3 s   1.00' */
export function table({ title, sides }: Comparison): string {
  const [base] = sides;
  const lines = sides.map(({ name, seconds, mebibytes }) => {
    const ratio = (seconds / (base?.seconds ?? seconds)).toFixed(2);
    const memory = mebibytes === undefined ? '' : `${mebibytes.toFixed(0)} MiB`;
    return `  ${name.padEnd(38)} ${seconds.toFixed(2).padStart(8)} s ${ratio.padStart(7)} ${memory.padStart(9)}`;
  });
  return [title, ...lines].join('\n');
}
