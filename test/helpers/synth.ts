import { join } from 'node:path';
import { type App, AssetType, TerraformAsset, TerraformStack, Testing } from 'cdktf';
import { ValidationError } from '../../constructs';
import { expectSaidOnce, phrasesTwice } from './said-once';
import { entriesOf, nameOfSpec } from '../../lib/model';
import { expectValidForProvider } from './provider-schema';

/** A value of the synthesized JSON; tests read deep into it. */
export type Rendered = any;

/** A synthesized stack. */
export interface Synthesized {
  readonly json: Rendered;
  readonly text: string;
  /** The only resource of a type; fails unless there is exactly one. */
  readonly one: (type: string) => Rendered;
  /** The resource at an address, 'terraform_data.web1_spec'; fails if there is none. */
  readonly at: (address: string) => Rendered;
  /** The fields of an object, as in `triggers_replace`, without the registry entry's id. */
  readonly fields: (address: string) => Rendered;
  /** What an object's `ensure` receives in addition to its fields. */
  readonly context: (address: string) => Rendered;
  /** The entries of a registry by key. */
  readonly entries: (address: string) => Rendered;
  /** The addresses of all resources, sorted. */
  readonly addresses: readonly string[];
}

/** A stack to build in, with an owner, that does not need the built script. */
export function stackOf(name = 'stack', app = appOf()): TerraformStack {
  const stack = new TerraformStack(app, name);
  new TerraformAsset(stack, 'cdktf-libvirt-ceph', {
    path: join(__dirname, 'fixtures/exec.cjs'),
    type: AssetType.FILE,
  });
  return stack;
}

/** An app whose stacks have an owner. */
export function appOf(context: { [key: string]: unknown } = { libvirtCephOwner: 'tests' }): App {
  return Testing.app({ context });
}

/**
 * Synthesizes a stack with its validations run; or makes one, builds in it and synthesizes that. Fails when the libvirt
 * provider would not take what is in it.
 */
export function synth(built: TerraformStack | ((stack: TerraformStack) => void)): Synthesized {
  const stack = typeof built === 'function' ? stackOf() : built;
  if (typeof built === 'function') built(stack);
  const text = Testing.synth(stack, true);
  const json = JSON.parse(text);
  expectValidForProvider(json);
  const resources: { [type: string]: object } = json.resource ?? {};
  const addresses = Object.entries(resources).flatMap(([type, members]) =>
    Object.keys(members).map((name) => `${type}.${name}`),
  );
  const at = (address: string): Rendered => {
    const [type = '', name = ''] = address.split('.');
    const resource = json.resource?.[type]?.[name];
    if (resource === undefined) throw new Error(`no '${address}' among ${addresses.join(', ')}`);
    return resource;
  };
  return {
    json,
    text,
    addresses: addresses.sort(),
    at,
    one: (type) => {
      const members = Object.values(resources[type] ?? {});
      if (members.length !== 1) throw new Error(`expected one '${type}', got ${members.length}`);
      return members[0];
    },
    fields: (address) => {
      const { entryId, ...fields } = at(address).triggers_replace;
      if (typeof entryId !== 'string') throw new Error(`'${address}' does not hold its registry entry's id`);
      return fields;
    },
    context: (address) => json.locals[`spec_${nameOfSpec(address)}`],
    entries: (address) => json.locals[entriesOf(address.replace('terraform_data.', ''))],
  };
}

/** The `ValidationError` of building and synthesizing; fails if there is none, or another error. */
export function refusal(build: (stack: TerraformStack) => void): ValidationError {
  try {
    synth(build);
  } catch (error) {
    if (error instanceof ValidationError) return saidOnce(error);
    throw error;
  }
  throw new Error('expected a ValidationError, but the stack was synthesized');
}

/** The codes of the violations in that error. */
export function codes(build: (stack: TerraformStack) => void): string[] {
  return refusal(build).violations.map(({ code }) => code);
}

/** The same for what may be valid: then the list is empty. */
export function codesOf(build: (stack: TerraformStack) => void): string[] {
  try {
    synth(build);
    return [];
  } catch (error) {
    if (error instanceof ValidationError) return saidOnce(error).violations.map(({ code }) => code);
    throw error;
  }
}

/** None of its violations says a phrase twice. */
function saidOnce(error: ValidationError): ValidationError {
  error.violations.forEach(({ message }) => expectSaidOnce(message, phrasesTwice(message)));
  return error;
}
