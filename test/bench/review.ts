import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { largePlan } from '../helpers/large-plan';
import { compared, inTurn, type Measured, run } from './measure';

const ROOT = join(__dirname, '../..');

/** The command line on a large plan against a program that only parses it. */
export async function reviews(folder: string, resources: number, times: number): Promise<Measured[]> {
  const file = join(folder, 'plan.json');
  writeFileSync(file, JSON.stringify(largePlan(resources)));
  const script = "JSON.parse(require('node:fs').readFileSync(process.argv[1], 'utf8'))";
  const found = await inTurn(times, {
    parse: () => run({ argv: [process.execPath, '-e', script, file] }),
    ours: () => run({ argv: [process.execPath, join(ROOT, 'dist/lib/cli.cjs'), 'review', file] }),
  });
  return [compared(`review of a plan of ${resources} resources; JSON.parse of it`, found.ours, found.parse, 3)];
}
