import { monitorsStep } from '../../../lib/steps/ceph-monitors';
import type { Tools } from '../../../lib/steps/tools';

const KNOWN = ['10.0.0.11:3300', '10.0.0.11:6789', '[2001:db8::13]:3300'];
const warnings: string[] = [];
const tools = { warn: (line: string) => warnings.push(line) } as unknown as Tools;
const step = monitorsStep<{ cluster: { monitors: string[]; transport: { type: 'local' }; confFile?: string } }>(
  () => `pool 'p'`,
  async () => KNOWN,
);
const observe = (...monitors: string[]): Promise<unknown> =>
  step.observe({ cluster: { monitors, transport: { type: 'local' }, confFile: '/c' } }, tools);

beforeEach(() => void warnings.splice(0));

test.each([['10.0.0.11'], ['10.0.0.11:6789'], ['[2001:DB8:0::13]:3300'], ['mon1.example'], ['mon1.example:6789']])(
  'a monitor of the cluster, or a name that only its hosts can judge, is taken: %s',
  async (monitor) => {
    await expect(observe(monitor)).resolves.toEqual({ ok: true });
    expect(warnings).toEqual([]);
  },
);

test('one that is not of the cluster is a warning while another is', async () => {
  await expect(observe('10.0.0.11', '10.0.0.99')).resolves.toEqual({ ok: true });
  expect(warnings).toEqual([
    `pool 'p': 10.0.0.99 is no monitor of the cluster that /c names; its monitors are ${KNOWN.join(', ')}`,
  ]);
});

test.each([['10.0.0.99'], ['10.0.0.11:6790'], ['[2001:db8::14]']])(
  'fails when none is of the cluster: %s',
  async (monitor) => {
    await expect(observe(monitor)).rejects.toThrow(
      /is no monitor of the cluster .*; make 'monitors' and 'confFile' those of one cluster$/,
    );
  },
);
