/** `terraform show -json` of a plan: the parts that a review reads. */
export interface Plan {
  readonly format_version?: string;
  readonly errored?: boolean;
  readonly complete?: boolean;
  readonly resource_changes?: readonly ResourceChange[];
  readonly resource_drift?: readonly ResourceChange[];
  readonly configuration?: { readonly root_module?: ConfiguredModule };
}

export type Action = 'no-op' | 'create' | 'read' | 'update' | 'delete' | 'forget';

export interface ResourceChange {
  readonly address: string;
  readonly previous_address?: string;
  readonly module_address?: string;
  readonly mode?: string;
  readonly type: string;
  readonly name: string;
  readonly index?: string | number;
  readonly deposed?: string;
  readonly action_reason?: string;
  readonly change: {
    readonly actions: readonly Action[];
    readonly before?: unknown;
    readonly after?: unknown;
    readonly after_unknown?: unknown;
    readonly before_sensitive?: unknown;
    readonly after_sensitive?: unknown;
    readonly importing?: unknown;
  };
}

interface ConfiguredModule {
  readonly resources?: readonly ConfiguredResource[];
  readonly module_calls?: { readonly [name: string]: { readonly module?: ConfiguredModule } };
}

interface Provisioner {
  readonly expressions?: { readonly command?: { readonly constant_value?: unknown } };
}

export interface ConfiguredResource {
  readonly address: string;
  readonly provisioners?: readonly Provisioner[];
  readonly expressions?: { readonly triggers_replace?: { readonly references?: readonly string[] } };
}

/** A text that is not a plan that can be judged; `next` is what to do. */
export class PlanError extends Error {
  constructor(
    public readonly problem: string,
    public readonly next: string,
  ) {
    super(`${problem}; ${next}`);
    this.name = 'PlanError';
  }
}

const MAKE_ONE = 'make it by: terraform plan -out=plan && terraform show -json plan';

/** Throws a `PlanError` if the text is empty, cut short, not a plan, of another version, or from a plan that failed. */
export function parsePlan(text: string): Plan {
  if (text.trim() === '') throw new PlanError('it is empty', MAKE_ONE);
  const plan = parsed(text);
  if (typeof plan !== 'object' || plan === null || !('format_version' in plan)) {
    throw new PlanError("it is no plan of Terraform's", MAKE_ONE);
  }
  const {
    format_version: version,
    errored,
    resource_changes: changes,
    planned_values: values,
  } = plan as Plan & {
    readonly planned_values?: unknown;
  };
  if (!/^1\.\d+$/.test(version ?? '')) {
    throw new PlanError(`its format is ${JSON.stringify(version)}, and 1.x is what is known`, 'use a newer release');
  }
  if (errored === true)
    throw new PlanError('the plan ended with an error', 'mend what terraform plan says, and plan again');
  if (changes === undefined && !('configuration' in plan && (values !== undefined || 'complete' in plan))) {
    throw new PlanError('it holds a state and no plan', MAKE_ONE);
  }
  if (changes !== undefined && !(Array.isArray(changes) && changes.every(isChange))) {
    throw new PlanError('its resource_changes are not as Terraform writes them', MAKE_ONE);
  }
  return plan as Plan;
}

/** OpenTofu (1.12) also prints warnings about its own settings on standard output, before the plan. */
const BEGINS = /^\{\s*"format_version"/m;

function parsed(text: string): unknown {
  const begins = text.search(BEGINS);
  try {
    return JSON.parse(begins > 0 ? text.slice(begins) : text) as unknown;
  } catch {
    // Not the parser's own message: it quotes the text, and a plan may contain secrets.
    throw new PlanError(
      begins >= 0 || text.startsWith('{') ? 'it is cut off, or more than one plan' : 'it is not JSON',
      text.startsWith('PK') ? 'that is the plan itself: terraform show -json PLAN' : MAKE_ONE,
    );
  }
}

function isChange(one: unknown): boolean {
  const { address, type, name, change } = (one ?? {}) as Partial<ResourceChange>;
  return [address, type, name].every((text) => typeof text === 'string') && Array.isArray(change?.actions);
}

export type Blocks = ReadonlyMap<string, ConfiguredResource>;

/** Every resource of the configuration by its address, including those of modules. */
export function configured({ configuration }: Plan): Blocks {
  const found = new Map<string, ConfiguredResource>();
  const visit = (module: ConfiguredModule | undefined, prefix: string): void => {
    module?.resources?.forEach((one) => found.set(`${prefix}${one.address}`, one));
    Object.entries(module?.module_calls ?? {}).forEach(([name, call]) =>
      visit(call.module, `${prefix}module.${name}.`),
    );
  };
  visit(configuration?.root_module, '');
  return found;
}

/** The address of the block that a resource comes from, without instance keys. */
export function blockOf({ module_address: module, type, name, mode }: ResourceChange): string {
  const path = module === undefined ? '' : `${module.replace(/\[[^\]]*\]/g, '')}.`;
  return `${path}${mode === 'data' ? 'data.' : ''}${type}.${name}`;
}

/** True for a resource whose block runs scripts that are not ours, whatever its address looks like. */
export function runsOtherScripts(one: ResourceChange, blocks: Blocks): boolean {
  return blocks.get(blockOf(one))?.provisioners?.some(isOther) ?? false;
}

function isOther({ expressions }: Provisioner): boolean {
  const command = expressions?.command?.constant_value;
  return typeof command !== 'string' || !/\/exec\.cjs [a-z-]+ (?:ensure|complete|remove|start|stop)$/.test(command);
}
