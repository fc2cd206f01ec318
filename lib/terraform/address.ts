import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { ValidationError } from '../errors';

/** What one stack has assigned so far: addresses, and the objects behind them. */
const claims = new WeakMap<IConstruct, Map<string, IConstruct>>();

/**
 * The address of a construct without its stack, "web1-root". A contract: it is in users' state. Characters that
 * Terraform does not allow become '-', without cdktf's hash; a clash is an error (`claim`).
 */
export function addressOf(construct: IConstruct): string {
  const stack = TerraformStack.of(construct);
  const path = construct.node.scopes.slice(stack.node.scopes.length).map((scope) => scope.node.id);
  const joined = path.join('-').replace(/[^A-Za-z0-9_-]/g, '-');
  return /^[A-Za-z_]/.test(joined) ? joined : `_${joined}`;
}

/**
 * Claims something for a construct, once in its stack: a Terraform address, or an object that only one may manage.
 * Throws a `ValidationError` that names both when another construct has it.
 */
export function claim(construct: IConstruct, what: string, fix: string): void {
  const stack = TerraformStack.of(construct);
  const taken = claims.get(stack) ?? new Map<string, IConstruct>();
  claims.set(stack, taken);
  const holder = taken.get(what);
  if (holder) {
    throw ValidationError.of(construct, 'claimed-twice', `${what} already belongs to '${holder.node.path}'; ${fix}`);
  }
  taken.set(what, construct);
}

/** Claims a Terraform address, "terraform_data.web1_spec". */
export function claimAddress(construct: IConstruct, address: string): void {
  claim(construct, address, 'give one of the two another construct id');
}
