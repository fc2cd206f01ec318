import { type Outcome, Refusal, type Tools } from '../steps/tools';
import { type Stack, terraform, terraformBinary } from './terraform-stack';

/** A resource of the state, as `terraform show -json` prints it. */
export interface StateResource {
  readonly address: string;
  readonly mode?: string;
  readonly type: string;
  readonly name: string;
  /** An entry's key in its registry. */
  readonly index?: unknown;
  readonly values: { readonly [name: string]: unknown };
}

/** All resources in the state; none before the first apply. */
export async function stateResources(stack: Stack, tools: Tools): Promise<readonly StateResource[]> {
  const outcome = await tools.attempt(terraform(stack, 'show', '-json'));
  if (outcome.exitCode !== 0) throw refusalOf(stack, outcome);
  const state = parseShown(outcome.stdout) as {
    readonly values?: { readonly root_module: { readonly resources?: readonly StateResource[] } };
  };
  return state.values?.root_module.resources ?? [];
}

/**
 * Parses the output of `show -json`. OpenTofu (1.12) prints warnings before it, for example about its own configuration
 * file.
 */
export function parseShown(stdout: string): unknown {
  return JSON.parse(stdout.slice(Math.max(0, stdout.search(/^\{/m))));
}

/**
 * Terraform's messages when `init` was not run, or not since the providers, the lock file, a module or the backend
 * changed.
 */
const NOT_INITIALIZED =
  /(terraform|tofu) init|Inconsistent dependency lock file|Required plugins are not installed|Backend initialization required|Module not installed|could not load plugin/i;

/** Terraform prints errors as coloured boxes; their last lines say the least. */
export function refusalOf({ folder }: Pick<Stack, 'folder'>, { stderr, exitCode }: Outcome): Refusal {
  const plain = stderr.replace(/\u001b\[[\d;]*m/g, '');
  if (NOT_INITIALIZED.test(plain)) {
    return new Refusal(
      `Terraform is not initialized in '${folder}', or not since its providers, modules or backend changed`,
      `run this and try again: ${terraformBinary()} -chdir=${folder} init`,
      'terraform-init',
    );
  }
  const lines = plain.split('\n').map((line) => line.replace(/^[╷│╵|\s]+/, '').trim());
  const said = lines.filter((line) => line !== '');
  const from = Math.max(
    0,
    said.findIndex((line) => line.startsWith('Error: ')),
  );
  return new Refusal(
    `${terraformBinary()} in '${folder}' ended with ${exitCode}: ${said.slice(from, from + 4).join(' ') || 'no message'}`,
    'fix that and try again',
    'terraform-failed',
  );
}
