import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseSchema } from '../../lib/provider-libvirt/generator/schema';
import type { Attribute, Attributes, Schema } from '../../lib/provider-libvirt/generator/schema';

const schema = parseSchema(readFileSync(join(__dirname, '../../lib/provider-libvirt/schema.json'), 'utf8'));

const RESOURCE_META = ['//', 'depends_on', 'count', 'for_each', 'provider', 'lifecycle', 'connection', 'provisioner'];
const PROVIDER_META = ['alias'];

type Json = { readonly [key: string]: unknown };
interface Report {
  blocks: number;
  readonly faults: string[];
}

/**
 * Fails unless every libvirt resource, data source and provider of a stack's Terraform JSON matches the recorded
 * schema. Returns how many blocks it checked, so that a caller can tell an empty stack from a good one.
 */
export function expectValidForProvider(json: string | object): number {
  const { blocks, faults } = judge(json);
  if (faults.length === 0) return blocks;
  throw new Error(`not valid for the libvirt provider:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`);
}

/** The same as a list of faults, empty if there are none. */
export function providerFaults(json: string | object): string[] {
  return judge(json).faults;
}

function judge(json: string | object): Report {
  const stack = (typeof json === 'string' ? JSON.parse(json) : json) as Json;
  const report: Report = { blocks: 0, faults: [] };
  judgeTypes(stack.resource, schema.resource_schemas, '', report);
  judgeTypes(stack.data, schema.data_source_schemas, 'data.', report);
  const providers = asObject(stack.provider).libvirt ?? [];
  (Array.isArray(providers) ? providers : [providers]).forEach((block: unknown, index) => {
    judgeBlock(block, schema.provider, PROVIDER_META, `provider.libvirt[${index}]`, report);
  });
  return report;
}

function judgeTypes(
  section: unknown,
  schemas: { readonly [type: string]: Schema },
  prefix: string,
  report: Report,
): void {
  for (const [type, blocks] of Object.entries(asObject(section))) {
    if (!type.startsWith('libvirt_')) continue;
    const one = schemas[type];
    if (!one) report.faults.push(`${prefix}${type}: the provider has no such type`);
    for (const [name, block] of Object.entries(asObject(blocks))) {
      if (one) judgeBlock(block, one, RESOURCE_META, `${prefix}${type}.${name}`, report);
    }
  }
}

function judgeBlock(block: unknown, one: Schema, meta: readonly string[], path: string, report: Report): void {
  report.blocks += 1;
  const own = Object.fromEntries(Object.entries(asObject(block)).filter(([name]) => !meta.includes(name)));
  judgeObject(own, one.block.attributes ?? {}, path, report.faults);
}

function judgeObject(value: unknown, attributes: Attributes, path: string, faults: string[]): void {
  if (!isObject(value)) {
    faults.push(`${path}: must be an object, got ${shown(value)}`);
    return;
  }
  for (const [name, attribute] of Object.entries(attributes)) {
    if (attribute.required && (value[name] ?? null) === null) faults.push(`${path}.${name}: is required`);
  }
  for (const [name, inner] of Object.entries(value)) {
    const attribute = attributes[name];
    if (!attribute) faults.push(`${path}.${name}: the provider has no such attribute`);
    else if (!attribute.required && !attribute.optional) faults.push(`${path}.${name}: is read-only`);
    else if (inner !== null) judgeValue(inner, attribute, `${path}.${name}`, faults);
  }
}

function judgeValue(value: unknown, attribute: Attribute, path: string, faults: string[]): void {
  if (isReference(value)) return;
  const { type, nested_type: nested } = attribute;
  if (nested?.nesting_mode === 'single') return judgeObject(value, nested.attributes ?? {}, path, faults);
  if (!nested && !Array.isArray(type)) return judgeScalar(value, type, path, faults);
  if (!Array.isArray(value)) {
    faults.push(`${path}: must be a list, got ${shown(value)}`);
    return;
  }
  value.forEach((entry: unknown, index) => {
    const entryPath = `${path}[${index}]`;
    if (isReference(entry)) return;
    if (nested) judgeObject(entry, nested.attributes ?? {}, entryPath, faults);
    else judgeScalar(entry, (type as unknown[])[1], entryPath, faults);
  });
}

function judgeScalar(value: unknown, type: unknown, path: string, faults: string[]): void {
  const wanted = type === 'bool' ? 'boolean' : type;
  if (typeof value !== wanted) faults.push(`${path}: must be a ${String(wanted)}, got ${shown(value)}`);
}

/** `${...}` may have any type; `$${` is text. */
function isReference(value: unknown): boolean {
  return typeof value === 'string' && value.startsWith('${') && value.endsWith('}');
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Json {
  return isObject(value) ? value : {};
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing';
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
