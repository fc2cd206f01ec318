import { assureCluster, monitorsStep } from '../../../lib/steps/ceph-monitors';
import type { Tools } from '../../../lib/steps/tools';

const KNOWN = ['10.0.0.11:3300', '10.0.0.11:6789', '[2001:db8::13]:3300'];
const step = monitorsStep<object, { monitors: string[] }>(() => `pool 'p'`);
const judge = (...monitors: string[]): unknown =>
  step.judge({ cluster: { monitors, transport: { type: 'local' }, confFile: '/c' } }, { monitors: KNOWN });

test.each([['10.0.0.11'], ['10.0.0.11:6789'], ['[2001:DB8:0::13]:3300'], ['mon1.example'], ['mon1.example:6789']])(
  'takes a monitor of the cluster, or a name that only its hosts can judge: %s',
  (monitor) => expect(judge(monitor)).toEqual({ ok: true }),
);

test('warns about a monitor outside the cluster while another belongs to it', () => {
  const warn = `pool 'p': 10.0.0.99 is not a monitor of the cluster that /c names; its monitors are ${KNOWN.join(', ')}`;
  expect(judge('10.0.0.11', '10.0.0.99')).toEqual({ ok: true, notes: [{ warn }] });
});

test.each([['10.0.0.99'], ['10.0.0.11:6790'], ['[2001:db8::14]']])(
  'fails when no monitor belongs to the cluster: %s',
  (monitor) => {
    expect(() => judge(monitor)).toThrow(
      /is not a monitor of the cluster .*; 'monitors' and 'confFile' must name the same cluster$/,
    );
  },
);

describe('A look that has not asked for the monitors', () => {
  /** How often the cluster, whose monitor is at 10.0.0.11, is asked. */
  async function assured(...monitors: string[]): Promise<number> {
    let asked = 0;
    const ceph = () => ({ monitors: () => Promise.resolve((asked++, ['10.0.0.11:3300', '10.0.0.11:6789'])) });
    await assureCluster("image 'p/i'", { monitors, transport: { type: 'local' } }, { ceph } as unknown as Tools);
    return asked;
  }

  test('does not ask for them when only names are given, which only the hosts can judge', async () => {
    expect(await assured('mon1.example', '10.0.0.98')).toBe(0);
  });

  test('accepts a monitor of the cluster', async () => {
    expect(await assured('10.0.0.99', '10.0.0.11:6789')).toBe(1);
  });

  test('fails when no monitor belongs to the cluster', async () => {
    await expect(assured('10.0.0.99')).rejects.toThrow(
      "image 'p/i': 10.0.0.99 is not a monitor of the cluster that Ceph's default configuration names; its monitors are 10.0.0.11:3300",
    );
  });
});
