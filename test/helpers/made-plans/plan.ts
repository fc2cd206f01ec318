import type { Action, Plan, ResourceChange } from '../../../lib/review';

/** A plan that no lab makes at will, written as Terraform (1.11) writes it; with the verdict for each object. */
export interface MadePlan {
  readonly changes: readonly ResourceChange[];
  readonly drift?: readonly ResourceChange[];
  readonly blocks?: readonly {
    readonly address: string;
    readonly provisioners?: readonly object[];
    readonly expressions?: object;
  }[];
  readonly verdicts: readonly string[];
}

export const owner = { project: 'shop', stack: 'prod', workspace: 'default' };
export type Extra = Partial<ResourceChange> & { readonly change?: Partial<ResourceChange['change']> };

/** What a plan says about one resource. */
export function resource(
  type: string,
  name: string,
  actions: Action[],
  before: unknown,
  after: unknown,
  extra: Extra = {},
): ResourceChange {
  const key = extra.index === undefined ? '' : `[${JSON.stringify(extra.index)}]`;
  const { change, ...rest } = extra;
  return {
    address: `${type}.${name}${key}`,
    mode: 'managed',
    type,
    name,
    ...rest,
    change: { actions, before, after, ...change },
  };
}

/** An entry of a registry; `input` is what its removal receives. */
export function entry(
  scope: string,
  index: string,
  actions: Action[],
  input: object,
  extra: Extra = {},
): ResourceChange {
  const value = { id: `id of ${index}`, input: { v: 1, owner, ...input } };
  const made = actions.includes('create') && actions.length === 1;
  const gone = actions.includes('delete') && actions.length === 1;
  return resource('terraform_data', scope, actions, made ? null : value, gone ? null : value, { index, ...extra });
}

/** The record of an object, which names its entry. */
export function spec(
  name: string,
  entryId: string,
  actions: Action[],
  before: object,
  after: object,
  extra: Extra = {},
): ResourceChange {
  const fields = (own: object): object => ({ triggers_replace: { entryId, ...own } });
  const made = actions.length === 1 && actions[0] === 'create';
  const gone = actions.length === 1 && actions[0] === 'delete';
  return resource(
    'terraform_data',
    `${name}_spec`,
    actions,
    made ? null : fields(before),
    gone ? null : fields(after),
    extra,
  );
}

export const KEY_GONE: Extra = { action_reason: 'delete_because_each_key' };
/** The entry of an image, 'vms/a'. */
export const image = (actions: Action[], removalPolicy: string, extra?: Extra): ResourceChange =>
  entry('ceph_images', 'vms/a', actions, { pool: 'vms', name: 'a', removalPolicy }, extra);

export function madePlan({ changes, drift, blocks = [] }: MadePlan): Plan {
  return {
    format_version: '1.2',
    resource_changes: changes,
    ...(drift ? { resource_drift: drift } : {}),
    configuration: { root_module: { resources: blocks } },
  };
}
