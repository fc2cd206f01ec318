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
