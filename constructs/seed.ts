import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TerraformStack, type ISynthesisSession } from 'cdktf';
import { addCustomSynthesis } from 'cdktf/lib/synthesize/synthesizer';
import { Construct, type IConstruct } from 'constructs';
import type { SeedSpec } from '../lib/model';
import type { Piece, SeedTemplate } from '../lib/seed/template';
import type { LateValues } from './seed-text';

const ASSETS = 'cdktf-libvirt-ceph-seeds';
/** Long enough to tell contents apart, short enough to read in a plan. */
const HASH_DIGITS = 16;

/** The files of a seed, and the values in them that are only known at apply. */
export interface SeedContent {
  readonly files: { readonly [name: string]: readonly Piece[] };
  readonly values: LateValues;
}

/**
 * What a guest reads at boot, stored as an image. Its text is passed in a file beside the synthesized stack that only
 * its owner can read; the stack itself, and therefore plan and state, contain hashes.
 */
export class Seed {
  constructor(
    private readonly scope: IConstruct,
    private readonly content: SeedContent,
  ) {
    SeedFolder.of(scope).add(() => this.asset());
  }

  /** A hash for each file, so that a plan shows which one changes. */
  public spec(): SeedSpec {
    const { files, values } = this.content;
    const expressions = values.expressions(this.scope);
    const resolved = (piece: Piece): unknown =>
      typeof piece === 'string' ? piece : { ...piece, value: expressions[piece.value] };
    const hashes = Object.entries(files).map(([name, pieces]) => [
      name,
      hashOf(pieces.map(resolved)).slice(0, HASH_DIGITS),
    ]);
    const variables = values.count;
    return { files: Object.fromEntries(hashes) as SeedSpec['files'], ...(variables > 0 ? { variables } : {}) };
  }

  /** Where the script finds the text: an expression, because only Terraform knows the stack's folder. */
  public location(): { readonly seedFile: string } {
    return { seedFile: `\${abspath(path.module)}/assets/${ASSETS}/${this.asset().name}` };
  }

  /** The values in the text, as an expression. */
  public secrets(): { readonly [name: string]: string } {
    const values = this.content.values.expressions(this.scope);
    return values.length === 0 ? {} : { seedValues: `[${values.join(', ')}]` };
  }

  private asset(): { readonly name: string; readonly text: string } {
    const template: SeedTemplate = { files: this.content.files };
    return { name: `${hashOf(template)}.json`, text: JSON.stringify(template) };
  }
}

/** The texts of all seeds of a stack, in a folder of its assets. */
class SeedFolder extends Construct {
  public static of(scope: IConstruct): SeedFolder {
    const stack = TerraformStack.of(scope);
    return (stack.node.tryFindChild(ASSETS) as SeedFolder | undefined) ?? new SeedFolder(stack, ASSETS);
  }

  private readonly assets: (() => { readonly name: string; readonly text: string })[] = [];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    addCustomSynthesis(this, { onSynthesize: (session) => this.write(session) });
  }

  public add(asset: () => { readonly name: string; readonly text: string }): void {
    this.assets.push(asset);
  }

  private write({ manifest, outdir }: ISynthesisSession): void {
    const { workingDirectory } = manifest.forStack(TerraformStack.of(this));
    const folder = join(outdir, workingDirectory, 'assets', ASSETS);
    // The texts of an earlier synth would reveal what is no longer in the code.
    rmSync(folder, { recursive: true, force: true });
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const asset of this.assets) {
      const { name, text } = asset();
      writeFileSync(join(folder, name), text, { mode: 0o600 });
    }
  }
}

function hashOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
