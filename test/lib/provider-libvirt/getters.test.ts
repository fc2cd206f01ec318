import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, DefaultTokenResolver, StringConcat, TerraformStack, Testing, Tokenization } from 'cdktf';
import * as bindings from '../../../lib/provider-libvirt';
import { parseSchema, type Attributes } from '../../../lib/provider-libvirt/generator/schema';
import { camelCase } from '../../../lib/provider-libvirt/names';
import { expectValidForProvider } from '../../helpers/provider-schema';

const schema = parseSchema(readFileSync(join(__dirname, '../../../lib/provider-libvirt/schema.json'), 'utf8'));

const stack = new TerraformStack(new App({ skipValidation: true }), 'stack');
new bindings.LibvirtProvider(stack, 'libvirt', { uri: 'qemu:///system' });

/** One of each class, with its required attributes. */
const RESOURCES = [
  new bindings.CloudinitDisk(stack, 'seed', { name: 'seed', metaData: 'm', userData: 'u' }),
  new bindings.Combustion(stack, 'script', { name: 'script', content: 'c' }),
  new bindings.Domain(stack, 'vm', { name: 'vm', type: 'kvm' }),
  new bindings.Ignition(stack, 'ignition', { name: 'ignition', content: 'c' }),
  new bindings.Network(stack, 'lan', { name: 'lan' }),
  new bindings.Pool(stack, 'images', { name: 'images', type: 'dir' }),
  new bindings.Volume(stack, 'disk', { name: 'disk', pool: 'images' }),
];
const DATA_SOURCES = [
  new bindings.DataLibvirtDomainInterfaceAddresses(stack, 'addresses', { domain: 'vm' }),
  new bindings.DataLibvirtNodeDeviceInfo(stack, 'device', { name: 'pci_0' }),
  new bindings.DataLibvirtNodeDevices(stack, 'devices'),
  new bindings.DataLibvirtNodeInfo(stack, 'node'),
];

/** The names of the getters: of required and computed attributes, without objects and lists of objects. */
function read(attributes: Attributes = {}): string[] {
  const names = Object.keys(attributes);
  return names.filter((name) => {
    const { required, computed, nested_type: nested } = attributes[name]!;
    return (required ?? computed ?? false) && !nested;
  });
}

const resolver = new DefaultTokenResolver(new StringConcat());
const resolved = (value: unknown): unknown => Tokenization.resolve(value, { scope: stack, resolver, preparing: false });

const TABLE = [
  ...RESOURCES.map((one) => ({ one, address: one.fqn, of: schema.resource_schemas[one.terraformResourceType]! })),
  ...DATA_SOURCES.map((one) => ({ one, address: one.fqn, of: schema.data_source_schemas[one.terraformResourceType]! })),
].flatMap(({ one, address, of }) =>
  read(of.block.attributes).map((name) => ({
    attribute: `${one.constructor.name}.${camelCase(name)}`,
    value: (one as unknown as { [name: string]: unknown })[camelCase(name)],
    address: resolved(address) as string,
    name,
    list: Array.isArray(of.block.attributes?.[name]?.type),
  })),
);

describe('A getter', () => {
  it.each(TABLE)('refers to $name for $attribute', ({ value, address, name, list }) => {
    const reference = `${address.replace(/^\$\{|\}$/g, '')}.${name}`;
    expect(resolved(value)).toBe(list ? `\${tolist(${reference})}` : `\${${reference}}`);
  });

  it('exists for every type of the schema, and the provider takes one of each', () => {
    const types = (all: { readonly terraformResourceType: string }[]): string[] =>
      all.map((one) => one.terraformResourceType).sort();
    expect(types(RESOURCES)).toEqual(Object.keys(schema.resource_schemas).sort());
    expect(types(DATA_SOURCES)).toEqual(Object.keys(schema.data_source_schemas).sort());
    expect(expectValidForProvider(Testing.synth(stack, true))).toBe(1 + RESOURCES.length + DATA_SOURCES.length);
  });
});
