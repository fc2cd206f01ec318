import { existsSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Rendered } from './synth';

const ROOT = join(__dirname, '../../examples');

/** The examples that are stacks. */
export const EXAMPLES = readdirSync(ROOT).filter((entry) => existsSync(join(ROOT, entry, 'main.ts')));

/** Those with one stack on one host, which need nothing else. */
export const SELF_CONTAINED_EXAMPLES = ['quickstart', 'escape-hatches', 'cloud-image'];

export interface SynthesizedExample {
  /** The caller must remove it. */
  readonly folder: string;
  /** The folder in which Terraform runs. */
  readonly stackFolder: string;
  readonly json: Rendered;
  /** Of all its stacks, by name. */
  readonly stacks: { readonly [name: string]: Rendered };
}

/** What an example imports from the toolkit. */
const OF_TOOLKIT = ['cdktf', 'cdktf/lib/synthesize/synthesizer'];

/** The same source as in the build for cdktn, with other imports. */
function runOnCdktn(): void {
  for (const file of OF_TOOLKIT) jest.doMock(file, () => jest.requireActual(file.replace('cdktf', 'cdktn')));
}

/** Runs an example as a toolkit does, in this process, with the state beside its stack. */
export function synthExample(
  example: string,
  env: { readonly [name: string]: string },
  toolkit: 'cdktf' | 'cdktn' = 'cdktf',
): SynthesizedExample {
  const folder = mkdtempSync(join(tmpdir(), 'clc-example-'));
  const before = { ...process.env };
  const context = JSON.stringify({ libvirtCephOwner: 'examples' });
  Object.assign(process.env, { CDKTF_OUTDIR: folder, CDKTF_CONTEXT_JSON: context, ...env });
  try {
    // With its own module registry, because an example runs when it is loaded.
    jest.isolateModules(() => {
      if (toolkit === 'cdktn') runOnCdktn();
      jest.requireActual(join(ROOT, example, 'main.ts'));
    });
  } finally {
    process.env = before;
    for (const file of OF_TOOLKIT) jest.dontMock(file);
  }
  const names = readdirSync(join(folder, 'stacks'));
  const read = (name: string): Rendered =>
    JSON.parse(readFileSync(join(folder, 'stacks', name, 'cdk.tf.json'), 'utf8'));
  const stacks = Object.fromEntries(names.map((name) => [name, read(name)]));
  for (const [name, json] of Object.entries(stacks)) {
    json.terraform.backend.local.path = 'terraform.tfstate';
    writeFileSync(join(folder, 'stacks', name, 'cdk.tf.json'), JSON.stringify(json));
  }
  const [stack = ''] = names;
  const stackFolder = join(folder, 'stacks', stack);
  const json = stacks[stack];
  return { folder, stackFolder, json, stacks };
}
