// Speed, as ratios within one run on one machine. No test: machines differ, and so do their moods.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { DEFAULT_FOLDER, labDown, labStatus, labUp } from '../../lab/lab';
import { applyOfVms } from './apply';
import { type Comparison, table } from './measure';
import { buildLibrary, synthOfDomains, synthOfStacks } from './synth';

const USAGE = `usage: npm run bench -- [options]

  --vms N     VMs that are synthesized (1000)
  --apply N   VMs that are deployed on the lab (10); 0 leaves it out
  --json      print JSON
`;

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      vms: { type: 'string', default: '1000' },
      apply: { type: 'string', default: '10' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) return void process.stdout.write(USAGE);
  const folder = mkdtempSync(join(tmpdir(), 'clc-bench-'));
  const comparisons: Comparison[] = [];
  const done = (comparison: Comparison): void => {
    comparisons.push(comparison);
    if (!values.json) console.log(`\n${table(comparison)}`);
  };
  try {
    buildLibrary(folder);
    done(await synthOfStacks(Number(values.vms), folder));
    done(await synthOfDomains(Number(values.vms), folder));
    if (Number(values.apply) > 0) done(await onLab((lab) => applyOfVms(Number(values.apply), folder, lab)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (values.json) console.log(JSON.stringify(comparisons, undefined, 2));
}

/** A lab that runs is used and stays. */
async function onLab<T>(work: (lab: Awaited<ReturnType<typeof labUp>>) => Promise<T>): Promise<T> {
  const folder = process.env['CLC_LAB'] ?? DEFAULT_FOLDER;
  const { running } = await labStatus(folder);
  try {
    return await work(await labUp({ folder, hosts: 1, install: true }));
  } finally {
    if (!running) await labDown(folder);
  }
}

void main();
