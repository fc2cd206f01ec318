import { camelCase, snakeCase } from '../names';
import { sorted } from './schema';
import type { Attribute, Attributes, Schema } from './schema';

const SCALARS: { readonly [type: string]: string } = {
  '"string"': 'string',
  '"number"': 'number',
  '"bool"': 'boolean | IResolvable',
  '["list","string"]': 'readonly string[]',
  '["set","string"]': 'readonly string[]',
};
const META_ARGUMENTS = ['dependsOn', 'count', 'provider', 'lifecycle', 'forEach', 'provisioners', 'connection'];

/** The types of one resource, data source or provider: one interface per nested object, named after its path. */
export function renderTypes(name: string, schema: Schema, kind: 'provider' | 'resource'): string[] {
  const attributes = schema.block.attributes ?? {};
  const taken = Object.keys(attributes)
    .map(camelCase)
    .find((attribute) => META_ARGUMENTS.includes(attribute));
  if (taken) throw new Error(`${name} has an attribute '${taken}', which is a meta-argument`);
  const own = [...settable(`${name}Arguments`, name, attributes), ...nested(name, attributes)];
  if (kind === 'provider') return own;
  const getters = sorted(attributes).filter(
    ([, attribute]) => !attribute.nested_type && (attribute.required === true || attribute.computed === true),
  );
  const keys = getters.map(([key]) => `'${camelCase(key)}'`).join(' | ');
  return [
    `export interface ${name}Config extends MetaArguments, ${name}Arguments {}`,
    `export type ${name}Attributes = Pick<Required<${name}State>, ${keys}>;`,
    ...state(`${name}State`, `${name}Arguments`, name, attributes),
    ...own,
  ];
}

export function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}

/** Settable attributes: all except the computed-only ones. */
function settable(interfaceName: string, path: string, attributes: Attributes): string[] {
  const fields = sorted(attributes)
    .filter(([, attribute]) => !isReadOnly(attribute))
    .map(
      ([key, attribute]) =>
        `  readonly ${checked(key)}${attribute.required ? '' : '?'}: ${typeOf(attribute, path + pascalCase(key))};`,
    );
  // An empty interface would accept any value; one that a config extends must be an interface.
  if (fields.length === 0 && interfaceName === path) return [`export type ${interfaceName} = Record<string, never>;`];
  return [`export interface ${interfaceName} {`, ...fields, '}'];
}

/** Readable attributes: the settable ones, the computed-only ones, and the nested objects that contain such. */
function state(interfaceName: string, base: string | undefined, path: string, attributes: Attributes): string[] {
  const fields = sorted(attributes)
    .filter(([, attribute]) => isReadOnly(attribute) || holdsReadOnly(attribute))
    .map(([key, attribute]) => `  readonly ${checked(key)}: ${typeOf(attribute, path + pascalCase(key), 'State')};`);
  return [`export interface ${interfaceName} ${base ? `extends ${base} ` : ''}{`, ...fields, '}'];
}

function nested(path: string, attributes: Attributes): string[] {
  return sorted(attributes).flatMap(([key, attribute]) => {
    if (!attribute.nested_type) return [];
    const name = path + pascalCase(key);
    const inner = attribute.nested_type.attributes ?? {};
    const written = isReadOnly(attribute) ? [] : settable(name, name, inner);
    const read = holdsReadOnly(attribute)
      ? state(`${name}State`, isReadOnly(attribute) ? undefined : name, name, inner)
      : [];
    return [...written, ...read, ...nested(name, inner)];
  });
}

function typeOf(attribute: Attribute, name: string, suffix: '' | 'State' = ''): string {
  if (!attribute.nested_type) return scalar(attribute, name);
  const object = name + (holdsReadOnly(attribute) ? suffix : '');
  switch (attribute.nested_type.nesting_mode) {
    case 'single':
      return `${object} | IResolvable`;
    case 'list':
      return `readonly ${object}[] | IResolvable`;
    default:
      throw new Error(`${name} nests as '${attribute.nested_type.nesting_mode}', which the bindings can't express`);
  }
}

function scalar(attribute: Attribute, name: string): string {
  const type = SCALARS[JSON.stringify(attribute.type)];
  if (!type)
    throw new Error(`${name} has the type ${JSON.stringify(attribute.type)}, which the bindings can't express`);
  return type;
}

/** The renderer converts names only by this rule, and a selector of `ref` takes list entries with 'at'. */
function checked(name: string): string {
  const camel = camelCase(name);
  if (snakeCase(camel) !== name || camel === 'at')
    throw new Error(`the name '${name}' can't be turned to camelCase and back`);
  return camel;
}

function isReadOnly(attribute: Attribute): boolean {
  return !attribute.required && !attribute.optional;
}

function holdsReadOnly(attribute: Attribute): boolean {
  return Object.values(attribute.nested_type?.attributes ?? {}).some(
    (inner) => isReadOnly(inner) || holdsReadOnly(inner),
  );
}
