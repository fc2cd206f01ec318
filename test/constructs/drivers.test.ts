import { oneOfEach } from '../helpers/one-of-each';
import { DRIVERS } from '../helpers/scene';
import { type Rendered, synth } from '../helpers/synth';

const OF_VMS_AND_STORAGE_POOLS = /^libvirt_|domain_stops$|\.(web1|storage)(_|$)|\.spec_web1$/;

/** Every resource and local value of a stack, by its address. */
function blocksOf({ resource, locals }: Rendered): { readonly [address: string]: unknown } {
  const all = { ...resource, local: locals } as { readonly [type: string]: object };
  return Object.fromEntries(
    Object.entries(all).flatMap(([type, members]) =>
      Object.entries(members).map(([name, block]) => [`${type}.${name}`, block]),
    ),
  );
}

// The e2e tests of everything else run with one driver only: `onceFor` of test/helpers/drivers.ts.
test('the drivers differ in VMs and storage pools only: all other objects have the same resources and specs', () => {
  const [one = {}, other = {}] = DRIVERS.map((driver) => blocksOf(synth(oneOfEach(driver)).json));
  const addresses = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  const differ = addresses.filter((address) => JSON.stringify(one[address]) !== JSON.stringify(other[address]));
  expect(addresses.length).toBeGreaterThan(30);
  expect(differ.filter((address) => !OF_VMS_AND_STORAGE_POOLS.test(address))).toEqual([]);
  expect(differ).toEqual(expect.arrayContaining(['terraform_data.web1_spec', 'terraform_data.storage_spec']));
});
