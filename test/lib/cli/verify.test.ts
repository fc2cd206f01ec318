import type { Session } from '../../../lib/cli/session';
import { verify } from '../../../lib/cli/verify';
import type { Tools } from '../../../lib/steps/tools';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A stack of one object that is applied after so many looks. */
function sessionOf(looks: number): {
  readonly session: Session;
  readonly said: string[];
  readonly slept: () => number;
} {
  let [looked, slept] = [0, 0];
  const said: string[] = [];
  const tools: Partial<Tools> = {
    say: (line) => void said.push(line),
    sleep: (seconds) => {
      slept += seconds;
      return Promise.resolve(void jest.setSystemTime(Date.now() + seconds * 1000));
    },
  };
  const look = () =>
    Promise.resolve({ applied: [], missing: looked++ < looks ? [{ name: 'web1', kind: 'domain' }] : [] });
  return { session: { tools: tools as Tools, look } as unknown as Session, said, slept: () => slept };
}

test('looks once, and finds what differs', async () => {
  const { session, said, slept } = sessionOf(1);
  expect(await verify(session, [])).toMatchObject({ finding: true, json: { ok: false } });
  expect([said, slept()]).toEqual([[], 0]);
});

test('with --watch looks until all is as it should be, and says what differs once as long as it stays the same', async () => {
  const { session, said, slept } = sessionOf(3);
  expect(await verify(session, [], { watch: 60 })).toMatchObject({ finding: false, json: { ok: true } });
  expect(said).toEqual([
    expect.stringContaining('it is in the configuration and not in the state'),
    '1 objects, 1 differ',
  ]);
  expect(slept()).toBe(15);
});

test('with --watch gives up after its time, with what still differs', async () => {
  const { session, slept } = sessionOf(1000);
  expect(await verify(session, [], { watch: 20 })).toMatchObject({ finding: true, json: { ok: false } });
  expect(slept()).toBe(20);
});
