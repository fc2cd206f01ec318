import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { DomainSpec } from '../../../lib/model';
import { providerDomain } from '../../../lib/render/domain/provider-arguments';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { differences, textOf } from '../../../lib/steps/domain/compare-definition';
import { comparableOf } from '../../../lib/steps/domain/compared-fields';
import { disk, hostDevice, nic, qos } from '../../../lib/steps/domain/device-schemas';
import { domainSpec } from '../../../lib/steps/domain/domain-schemas';
import type { Schema } from '../../../lib/steps/schema';
import { DOMAIN, VARIANTS } from '../../helpers/domain-spec';

// What a new field of a VM, a disk or an interface must have, whoever adds it. Its members are those of the schemas,
// which the type check keeps equal to the types.

interface Members {
  readonly [name: string]: unknown;
}
type Variant = Partial<DomainSpec>;

const optional = ({ shape }: { readonly shape: { readonly [name: string]: Schema<unknown> } }): string[] =>
  Object.keys(shape).filter((name) => shape[name]?.accepts(undefined));
const without = (members: Members, name: string): Members =>
  Object.fromEntries(Object.entries(members).filter(([other]) => other !== name));
const asObject = (value: unknown): Members => ({ ...(value as object) });

/** Each place of a field in a variant, with the variant that lacks it there. */
type Place = (variant: Variant) => readonly (readonly [members: Members, replaced: (by: Members) => Variant])[];
const whole: Place = (variant) => [[asObject(variant), (by) => by]];
const disks: Place = (variant) =>
  Object.entries(variant.disks ?? {}).map(([target, one]) => [
    asObject(one),
    (by) => ({ ...variant, disks: { ...variant.disks, [target]: by } }) as Variant,
  ]);
const inList =
  (list: 'networkInterfaces' | 'hostDevices'): Place =>
  (variant) =>
    (variant[list] ?? []).map((one, index) => [
      asObject(one),
      (by) => ({ ...variant, [list]: variant[list]?.with(index, by as never) }),
    ]);
const limits: Place = (variant) =>
  disks(variant).map(([one, replaced]) => [asObject(one['qos']), (by) => replaced({ ...one, qos: by })]);

/** It is not in the definition, or it is added XML, which is compared as such. */
const NOT_COMPARED = ['diskEntryIds', 'xml'];
const FIELDS: readonly (readonly [field: string, name: string, place: Place])[] = [
  ...optional(domainSpec)
    .filter((name) => !NOT_COMPARED.includes(name))
    .map((name) => [name, name, whole] as const),
  ...optional(disk).map((name) => [`disks.${name}`, name, disks] as const),
  ...optional(qos).map((name) => [`disks.qos.${name}`, name, limits] as const),
  ...optional(nic).map((name) => [`networkInterfaces.${name}`, name, inList('networkInterfaces')] as const),
  ...optional(hostDevice).map((name) => [`hostDevices.${name}`, name, inList('hostDevices')] as const),
];

/** What PROVIDER cannot do. */
const REFUSED = ['nvram', 'tpm'];
const PROVIDED = FIELDS.filter(([field]) => !REFUSED.includes(field));

/** Variants with a field, each with the same one without it. */
const pairs = (name: string, place: Place): readonly (readonly [given: Variant, lacking: Variant])[] =>
  VARIANTS.flatMap((variant) =>
    place(variant)
      .filter(([members]) => members[name] !== undefined)
      .map(([members, replaced]) => [variant, replaced(without(members, name))] as const),
  );
const xml = (variant: Variant) => comparableOf(domainXml({ ...DOMAIN, ...variant }, '{}'));

describe('Each optional field of a VM', () => {
  test.each(FIELDS)('is in one of the variants: %s', (_, name, place) => {
    expect(pairs(name, place)).not.toEqual([]);
  });

  test.each(FIELDS)("reaches libvirt's XML, where a difference is seen: %s", (_, name, place) => {
    const seen = pairs(name, place).map(([given, lacking]) => textOf(differences(xml(lacking), xml(given))));
    expect(seen.filter((text) => text !== '')).not.toEqual([]);
  });

  test.each(REFUSED)('is refused by a rule of its own if the provider cannot do it: %s', (name) => {
    const codes = readFileSync(join(__dirname, '../../../docs/troubleshooting.md'), 'utf8');
    expect(codes).toContain(`\`${name}-driver\``);
  });

  test.each(PROVIDED)("reaches the provider's attributes: %s", (_, name, place) => {
    const rendered = (variant: Variant) => JSON.stringify(providerDomain({ ...DOMAIN, ...variant }, '{}'));
    expect(pairs(name, place).some(([given, lacking]) => rendered(given) !== rendered(lacking))).toBe(true);
  });
});

/** What version 1 of the specs has always contained. */
const REQUIRED = {
  'a VM': [
    domainSpec,
    ['autostart', 'clientId', 'cluster', 'disks', 'domainType', 'driver', 'entryId', 'host', 'memory', 'monitors'],
    ['name', 'owner', 'restartPolicy', 'running', 'secretUsage', 'shutdownTimeout', 'uuid', 'v', 'vcpus'],
  ],
  'a disk': [disk, ['bus', 'image']],
  'the limits of a disk': [qos, []],
  'a network interface': [nic, ['macAddress', 'model']],
  'a host device': [hostDevice, []],
} as const;

test.each(Object.entries(REQUIRED))(
  'a new field of %s is optional, because each release reads the states of earlier ones',
  (_, [schema, ...required]) => {
    const names = Object.keys(schema.shape).filter((name) => !optional(schema).includes(name));
    expect(names.sort()).toEqual(required.flat());
  },
);
