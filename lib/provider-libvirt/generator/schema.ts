// The part of `terraform providers schema -json` from which types can be made. Anything unknown is refused, never
// skipped.

export interface Attribute {
  readonly type?: unknown;
  readonly nested_type?: NestedType;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly computed?: boolean;
}

export interface NestedType {
  readonly attributes?: Attributes;
  readonly nesting_mode: string;
}

export interface Attributes {
  readonly [name: string]: Attribute;
}

export interface Schema {
  readonly block: { readonly attributes?: Attributes };
}

export interface ProviderSchema {
  readonly provider: Schema;
  readonly resource_schemas: { readonly [type: string]: Schema };
  readonly data_source_schemas: { readonly [type: string]: Schema };
}

const PROVIDER = 'registry.terraform.io/dmacvicar/libvirt';
const MARK =
  'Output of `terraform providers schema -json`, less what types need not. Recorded by `npm run generate:provider FILE`.';
const KEPT = ['type', 'nested_type', 'nesting_mode', 'required', 'optional', 'computed'];
const LEFT_OUT = ['description', 'description_kind', 'sensitive', 'deprecated'];

export function parseSchema(text: string): ProviderSchema {
  const parsed = JSON.parse(text) as { provider_schemas?: { [name: string]: ProviderSchema } };
  const schema = parsed.provider_schemas?.[PROVIDER];
  if (!schema) throw new Error(`no schema of ${PROVIDER} in the file; make one with: terraform providers schema -json`);
  return schema;
}

/** The schema without descriptions, as it is stored. */
export function recordSchema(text: string): string {
  const schema = parseSchema(text);
  const all = (schemas: ProviderSchema['resource_schemas']): unknown =>
    Object.fromEntries(sorted(schemas).map(([type, one]) => [type, strippedSchema(type, one)]));
  const recorded = {
    provider: strippedSchema('provider', schema.provider),
    resource_schemas: all(schema.resource_schemas),
    data_source_schemas: all(schema.data_source_schemas),
  };
  return `${JSON.stringify({ '//': MARK, format_version: '1.0', provider_schemas: { [PROVIDER]: recorded } })}\n`;
}

export function sorted<T>(record: { readonly [key: string]: T }): [string, T][] {
  return Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1));
}

function strippedSchema(path: string, schema: Schema): Schema {
  for (const key of Object.keys(schema.block)) {
    if (!['attributes', ...LEFT_OUT].includes(key))
      throw new Error(`${path} has '${key}', which the bindings can't express`);
  }
  return { block: { attributes: strippedAttributes(path, schema.block.attributes) } };
}

function strippedAttributes(path: string, attributes: Attributes = {}): Attributes {
  return Object.fromEntries(
    sorted(attributes).map(([name, attribute]) => [name, stripped(`${path}.${name}`, attribute)]),
  );
}

function stripped(path: string, attribute: Attribute): Attribute {
  const kept: { [key: string]: unknown } = {};
  for (const [key, value] of sorted(attribute as { [key: string]: unknown })) {
    if (KEPT.includes(key)) kept[key] = value;
    else if (!LEFT_OUT.includes(key)) throw new Error(`${path} has '${key}', which the bindings can't express`);
  }
  const nested = attribute.nested_type;
  if (nested)
    kept.nested_type = { attributes: strippedAttributes(path, nested.attributes), nesting_mode: nested.nesting_mode };
  return kept;
}
