import { assureCluster, monitorsStep } from '../../../lib/steps/ceph-monitors';
import type { Command, Tools } from '../../../lib/steps/tools';

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

describe('who has not asked for the monitors', () => {
  /** `ceph` and `ceph-conf` of a cluster with one monitor; `asked` counts the calls of the slow one. */
  async function assured(monHost: string | Error | undefined, ...monitors: string[]): Promise<number> {
    let asked = 0;
    const dump = { mons: [{ public_addrs: { addrvec: [{ addr: '10.0.0.11:3300' }, { addr: '10.0.0.11:6789' }] } }] };
    const cluster: Partial<Tools> = {
      attempt: () =>
        monHost instanceof Error
          ? Promise.reject(monHost)
          : Promise.resolve({ exitCode: monHost === undefined ? 1 : 0, stdout: `${monHost ?? ''}\n`, stderr: '' }),
      run: ({ argv }: Command) => Promise.resolve(argv.includes('dump') ? (asked++, JSON.stringify(dump)) : ''),
    };
    await assureCluster("image 'p/i'", { monitors, transport: { type: 'local' } }, cluster as Tools);
    return asked;
  }

  test.each([
    ['10.0.0.11', '10.0.0.11'],
    ['10.0.0.11', '10.0.0.11:6789'],
    ['10.0.0.10:6789, 10.0.0.11:6789', '10.0.0.11:6789'],
    ['[v2:10.0.0.11:3300/0,v1:10.0.0.11:6789/0]', '10.0.0.11:6789'],
    ['[v2:10.0.0.11:3300,v1:10.0.0.11:6789]', '10.0.0.11'],
    ['[v2:[2001:db8::13]:3300/0,v1:[2001:db8::13]:6789/0]', '[2001:DB8:0::13]:6789'],
    ['[2001:db8::13]', '[2001:db8::13]'],
  ])('asks no monitor where the configuration says %s and VMs are given %s', async (monHost, monitor) => {
    expect(await assured(monHost, '10.0.0.99', monitor)).toBe(0);
  });

  test('asks none about names, which only the hosts can judge', async () => {
    expect(await assured('10.0.0.99', 'mon1.example', '10.0.0.98')).toBe(0);
  });

  test.each([['10.0.0.12'], ['10.0.0.11:6790'], ['mon1.example'], [undefined], [new Error('no ceph-conf')]])(
    'asks where it says %s, and is content with a monitor of the cluster',
    async (monHost) => expect(await assured(monHost, '10.0.0.11:6789')).toBe(1),
  );

  test.each([['10.0.0.11'], [undefined]])(
    'fails where it says %s and no monitor is of the cluster',
    async (monHost) => {
      await expect(assured(monHost, '10.0.0.99')).rejects.toThrow(
        "image 'p/i': 10.0.0.99 is no monitor of the cluster that Ceph's default configuration names; its monitors are 10.0.0.11:3300",
      );
    },
  );
});
