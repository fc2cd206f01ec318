import type { Session } from '../../../lib/cli/command-session';
import { renderVerified, verify, verifyAll } from '../../../lib/cli/verify';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { domain } from '../../../lib/steps/domain';
import { restart } from '../../../lib/steps/domain/update-live';
import { markFor } from '../../../lib/steps/ownership/mark';
import type { AnyKindSteps } from '../../../lib/steps/step';
import type { Tools } from '../../../lib/steps/tools';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** A stack with one object, which the first so many looks do not find in the state. */
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

test('looks once, and reports what differs', async () => {
  const { session, said, slept } = sessionOf(1);
  expect(await verify(session, [])).toMatchObject({ finding: true, json: { ok: false } });
  expect([said, slept()]).toEqual([[], 0]);
});

test('with --watch keeps looking until nothing differs, and reports an unchanged difference once', async () => {
  const { session, said, slept } = sessionOf(3);
  expect(await verify(session, [], { watch: 60 })).toMatchObject({ finding: false, json: { ok: true } });
  expect(said).toEqual([
    expect.stringContaining('it is in the configuration but not in the state'),
    '1 object, 1 differs',
  ]);
  expect(slept()).toBe(15);
});

test('with --watch gives up when its time is over, and reports what still differs', async () => {
  const { session, slept } = sessionOf(1000);
  expect(await verify(session, [], { watch: 20 })).toMatchObject({ finding: true, json: { ok: false } });
  expect(slept()).toBe(20);
});

test('lists what waits for the next boot of a VM, without counting it as a difference', async () => {
  jest.useRealTimers();
  const mark = JSON.stringify(markFor(DOMAIN, DOMAIN.name));
  const libvirt = new FakeLibvirt(() => 'running (booted)', domainXml(DOMAIN, mark));
  const changed = { ...DOMAIN, machineType: 'pc' };
  const steps = { ...domain, ensure: { ...domain.ensure, steps: [restart] } } as unknown as AnyKindSteps;
  const one = { kind: 'domain', name: 'web1', title: "VM 'web1'", spec: changed, steps } as const;
  const found = await verifyAll([one], libvirt.tools);
  const note =
    "VM 'web1' runs with an older definition (machine type is q35, not pc); the new one takes effect at its next boot";
  expect(found).toMatchObject([{ ok: true, differs: [], notes: [note] }]);
  expect(renderVerified(found)).toEqual([`terraform_data.web1_spec: ${note}`, '1 object, as it should be']);
  expect(libvirt.said).toEqual([]);
});
