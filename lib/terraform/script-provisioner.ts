import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { AssetType, TerraformAsset, TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import type { Kind, Verb } from '../model';
import { environmentWith } from './script-input';

const ASSET_ID = 'cdktf-libvirt-ceph';
/** cron, nvm and remote runs have another PATH than the planner; the shell would only say "node: not found". */
const NODE = `command -v node >/dev/null || { echo 'Node.js 20.19 or later is needed as "node" in PATH where Terraform runs' >&2; exit 127; }`;

/**
 * A local-exec provisioner that runs the script; `spec` is a Terraform expression for the spec as an object. With
 * `unless`, a shell command, the script only starts if that fails.
 */
export function scriptProvisioner(
  construct: IConstruct,
  kind: Kind,
  verb: Verb,
  spec: string,
  variables: { readonly [name: string]: string } = {},
  unless?: string,
): object {
  const start = `${NODE}; exec node \${path.module}/${script(construct).path} ${kind} ${verb}`;
  return {
    'local-exec': {
      ...(verb === 'remove' || verb === 'stop' ? { when: 'destroy' } : {}),
      command: unless === undefined ? start : `${unless} && exit; ${start}`,
      environment: { ...environmentWith(spec), ...variables },
    },
  };
}

/**
 * One copy of the bundled script per stack, in the synthesized folder, so that it can be applied without node_modules.
 */
function script(construct: IConstruct): TerraformAsset {
  const stack = TerraformStack.of(construct);
  const present = stack.node.tryFindChild(ASSET_ID) as TerraformAsset | undefined;
  return present ?? new TerraformAsset(stack, ASSET_ID, { path: bundle(), type: AssetType.FILE });
}

/** Beside the compiled library; for cdktn in dist/cdktn; when run from source, the output of the last build. */
function bundle(): string {
  const places = ['../exec.cjs', '../../../lib/exec.cjs', '../../dist/lib/exec.cjs'].map((one) => join(__dirname, one));
  const place = places.find((one) => existsSync(one));
  if (place === undefined) throw new Error(`the script is missing at ${places.join(' and ')}; run 'npm run build'`);
  return place;
}
