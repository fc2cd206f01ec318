// Speed, as ratios within one run on one machine. Not a test: machines differ, and so does their load.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_FOLDER, labDown, type LabInfo, labStatus, labUp } from '../../lab/lab';
import { machine } from './machine';
import { type Measured, table } from './measure';
import { reviews } from './review';
import { applies, many, overSsh, type Place, verifies } from './rows';
import { buildLibrary, requires, starts, synthOfDomains, synthOfStacks } from './synth';

interface Row {
  readonly lab: boolean;
  readonly run: (place: Place, quick: boolean) => Promise<Measured[]>;
}

/** By name, in the order of docs/speed.md; `quick` runs each once, and with less. */
const ROWS: { readonly [name: string]: Row } = {
  'apply-1': { lab: true, run: (place, quick) => applies(place, 1, quick ? 1 : 5, { apply: 1.25 }) },
  'apply-10': { lab: true, run: (place, quick) => applies(place, 10, quick ? 1 : 3, { apply: 0.8, destroy: 1 }) },
  'apply-50': { lab: true, run: (place, quick) => many(place, quick ? 20 : 50, quick ? 1 : 2) },
  'ssh-1': { lab: true, run: (place, quick) => overSsh(place, 1, quick ? 1 : 3) },
  'ssh-10': { lab: true, run: (place, quick) => overSsh(place, 10, quick ? 1 : 2) },
  verify: { lab: true, run: (place, quick) => (quick ? verifies(place, 20, 60) : verifies(place, 100, 300)) },
  start: { lab: false, run: () => starts() },
  synth: { lab: false, run: ({ folder }, quick) => synthOfStacks(folder, quick ? 200 : 1000, quick ? 1000 : 5000) },
  domains: { lab: false, run: ({ folder }, quick) => synthOfDomains(folder, quick ? 200 : 1000) },
  require: { lab: false, run: () => requires() },
  review: { lab: false, run: ({ folder }, quick) => reviews(folder, quick ? 1000 : 10_000, quick ? 1 : 5) },
};

const USAGE = `usage: npm run bench -- [options]

  --rows A,B  only these: ${Object.keys(ROWS).join(', ')}
              (all but domains, which is the bindings' own)
  --quick     each once, with fewer VMs: to see that it runs
  --json      print JSON
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      rows: {
        type: 'string',
        default: Object.keys(ROWS)
          .filter((name) => name !== 'domains')
          .join(','),
      },
      quick: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  const names = values.rows.split(',');
  const unknown = names.filter((name) => ROWS[name] === undefined);
  if (values.help || unknown.length > 0) {
    process.stdout.write(`${unknown.length > 0 ? `there is no row ${unknown.join(', ')}\n` : ''}${USAGE}`);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const say = (text: string): void => void process.stderr.write(`${text}\n`);
  buildLibrary();
  const lines = await withLab(
    names.some((name) => ROWS[name]?.lab),
    async (place) => {
      const found: Measured[] = [];
      for (const name of names) {
        const started = Date.now();
        try {
          const lines = (await ROWS[name]?.run(place, values.quick)) ?? [];
          say(`${table(lines)}\n(${name}: ${((Date.now() - started) / 1000).toFixed(0)} s)\n`);
          found.push(...lines);
        } catch (error) {
          // The figures of the other rows are kept.
          say(`${name} failed: ${error instanceof Error ? error.message : String(error)}\n`);
          found.push({ row: `${name}: failed`, ours: '', against: '' });
          process.exitCode = 1;
        }
      }
      return found;
    },
  );
  const text = values.json
    ? JSON.stringify({ machine: machine(), lines }, undefined, 2)
    : `${machine()}\n\n${table(lines)}`;
  process.stdout.write(`${text}\n`);
}

/** With a folder for temporary files, and a lab if one is needed; a running lab is used and stays. */
async function withLab<T>(needed: boolean, work: (place: Place) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'clc-bench-'));
  const labFolder = process.env['CLC_LAB'] ?? DEFAULT_FOLDER;
  const { running } = needed ? await labStatus(labFolder) : { running: true };
  try {
    // Nothing bootable, because a guest would use CPU time that is to be measured.
    writeFileSync(join(folder, 'base.raw'), Buffer.concat([Buffer.alloc(2 ** 20), randomBytes(4 * 2 ** 20)]));
    const lab = needed ? await labUp({ folder: labFolder, hosts: 1, install: true }) : ({} as LabInfo);
    return await work({ folder, lab });
  } finally {
    rmSync(folder, { recursive: true, force: true });
    if (!running) await labDown(labFolder);
  }
}

void main();
