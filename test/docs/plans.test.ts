import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { oneOfEach } from '../helpers/one-of-each';
import { DRIVERS } from '../helpers/scene';
import { synth } from '../helpers/synth';

/** The addresses in docs/plans.md, with what they contain of the construct's and the object's names. */
function documented(): { readonly address: string; readonly pattern: RegExp }[] {
  const docs = readFileSync(join(__dirname, '../../docs/plans.md'), 'utf8');
  const [, section = ''] = /^## Every address$(.*?)^## /ms.exec(docs) ?? [];
  return [...section.matchAll(/^\| `([^`]+)` /gm)].map(([, address = '']) => {
    const block = address.replace(/\[.*\]$/, '').replace('.', '\\.');
    const named = block.replace(/CLUSTER|HOST/, (one) => (one === 'HOST' ? 'kvm1' : 'ceph')).replace('PATH', '[\\w-]+');
    return { address, pattern: new RegExp(`^${named}$`) };
  });
}

describe('docs/plans.md', () => {
  const addresses = DRIVERS.map((driver) => synth(oneOfEach(driver)).addresses);

  it.each(DRIVERS.map((driver, index) => [driver, addresses[index] ?? []] as const))(
    'says of every address that a stack with %s can have what it is, in one row',
    (_, found) => {
      const rows = documented();
      const matching = (one: string): number => rows.filter(({ pattern }) => pattern.test(one)).length;
      expect(found.filter((one) => matching(one) !== 1)).toEqual([]);
    },
  );

  it('names no address that no stack can have', () => {
    const found = addresses.flat();
    const unused = documented().filter(({ pattern }) => !found.some((one) => pattern.test(one)));
    expect(unused.map(({ address }) => address)).toEqual([]);
  });
});
