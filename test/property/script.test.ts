import * as fc from 'fast-check';
import { kindSteps } from '../../lib/steps/kinds';
import { OWNER, TOKEN } from '../helpers/lab';
import { hostileText } from '../helpers/hostile';

const CLUSTER = { monitors: ['10.0.0.1'], transport: { type: 'local' } };
const HOST = { uri: 'qemu:///system', transport: { type: 'local' } };
const COMMON = { v: 1, owner: OWNER, entryId: TOKEN };
const UUID = '00000000-0000-4000-8000-000000000000';

/** The field that names an object, of each kind, in a spec that is right otherwise. */
const PLACES: { readonly [kind: string]: readonly [field: string, spec: object] } = {
  'ceph-pool': ['name', { cluster: CLUSTER }],
  'ceph-client': ['id', { cluster: CLUSTER, caps: {} }],
  'rbd-image': ['name', { cluster: CLUSTER, pool: 'p', source: { blank: true }, size: '1 MiB' }],
  'rbd-snapshot': ['name', { cluster: CLUSTER, pool: 'p', image: 'i' }],
  'ceph-secret': ['usage', { cluster: CLUSTER, host: HOST, uuid: UUID, entity: 'client.x', private: true }],
};
const RUNS = 2000;

describe('The script takes any given name exactly, made of letters, digits and signs, or says what is wrong', () => {
  it.each(Object.entries(PLACES))('%s', (kind, [field, rest]) => {
    const seen = { taken: 0, refused: 0 };
    fc.assert(
      fc.property(hostileText, (text) => {
        const { taken, refused } = outcomeOf(kind, field, { ...COMMON, ...rest, [field]: text });
        seen.taken += taken === undefined ? 0 : 1;
        seen.refused += refused === undefined ? 0 : 1;
        expect(taken ?? text).toBe(text);
        expect(taken ?? 'none').toMatch(/^[A-Za-z0-9_][A-Za-z0-9_.:@+ -]{0,127}$/);
        expect(refused ?? `the field '${field}' of the spec is wrong`).toContain(
          `the field '${field}' of the spec is wrong`,
        );
      }),
      { numRuns: RUNS },
    );
    expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(RUNS / 50);
  });
});

it('the script takes any given monitor as an address, or says what is wrong', () => {
  const address = fc.oneof(
    hostileText,
    fc.constantFrom('10.0.0.1', '10.0.0.1:6789', '[::1]:3300', 'mon-1.example:6789'),
  );
  const seen = { taken: 0, refused: 0 };
  fc.assert(
    fc.property(address, (text) => {
      const cluster = { ...CLUSTER, monitors: [text] };
      const { taken, refused } = outcomeOf('ceph-pool', 'cluster', { ...COMMON, cluster, name: 'p' });
      seen.taken += taken === undefined ? 0 : 1;
      seen.refused += refused === undefined ? 0 : 1;
      const { monitors = [] } = (taken ?? {}) as { readonly monitors?: readonly string[] };
      monitors.forEach((monitor) => expect(monitor).toMatch(/^[A-Za-z0-9.:[\]_-]+$/));
      expect(refused ?? `'cluster.monitors.0'`).toContain(`'cluster.monitors.0'`);
    }),
    { numRuns: RUNS },
  );
  expect(Math.min(seen.taken, seen.refused)).toBeGreaterThan(RUNS / 50);
});

/** What the script made of the field, or why it did not. */
function outcomeOf(kind: string, field: string, spec: object): { readonly taken?: unknown; readonly refused?: string } {
  try {
    return { taken: (kindSteps(kind)?.parseSpec(spec) as { readonly [field: string]: unknown } | undefined)?.[field] };
  } catch (error) {
    return { refused: String(error) };
  }
}
