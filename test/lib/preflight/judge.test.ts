import { judgeClock } from '../../../lib/preflight/clock';
import { judgeAppArmor, judgeSelinux, securityDrivers } from '../../../lib/preflight/apparmor-selinux';
import { judgeHealth } from '../../../lib/preflight/health';
import { judgeBlockDriver } from '../../../lib/preflight/host';
import { judgeReachable } from '../../../lib/preflight/monitors-reachable';
import { judgePoolSpace, type ClusterSpace } from '../../../lib/preflight/pool-space';
import { brokenPairs, isBelow, versionIn } from '../../../lib/preflight/versions';
import type { CephPoolSpec, RbdImageSpec } from '../../../lib/model';

const GIB = 2 ** 30;

describe('The clock of a machine', () => {
  test.each([
    ['is the same', 5_000, []],
    ['is off by no more than the way there took', 1_000, []],
    ['is 4 s ahead', 14_000, []],
    ['is 5 s ahead', 15_000, ['warns']],
    ['is behind by a minute', -60_000, ['warns']],
    ['is an hour ahead', 10_000 + 3_600_000, ['fails']],
    ['is not told', NaN, []],
  ])('that %s', (_, there, levels) => {
    expect(judgeClock(there, 0, 10_000).map(({ level }) => level)).toEqual(levels);
  });

  test('is reported with how far it is off, and in which direction', () => {
    expect(judgeClock(100_000, 0, 10_000)[0]?.problem).toContain('90 s ahead of');
    expect(judgeClock(-90_000, 0, 10_000)[0]?.problem).toContain('90 s behind');
  });
});

describe('The health of a cluster', () => {
  const health = (check: string, message: string) =>
    judgeHealth({ status: 'HEALTH_WARN', checks: { [check]: { summary: { message } } } });

  test('is not reported when it is good', () => {
    expect(judgeHealth({ status: 'HEALTH_OK', checks: {} })).toEqual([]);
  });

  test.each([
    ['OSD_FULL', '1 full osd(s)', 'fails'],
    ['POOL_FULL', '1 pool(s) full', 'fails'],
    ['PG_AVAILABILITY', 'Reduced data availability: 8 pgs inactive', 'fails'],
    ['OSDMAP_FLAGS', 'pauserd,pausewr flag(s) set', 'fails'],
    ['OSDMAP_FLAGS', 'noout flag(s) set', 'warns'],
    ['OSD_NEARFULL', '1 nearfull osd(s)', 'warns'],
    ['OSD_DOWN', '1 osds down', 'warns'],
    ['MON_CLOCK_SKEW', 'clock skew detected on mon.b', 'warns'],
  ])('%s (%s) %s', (check, message, level) => {
    expect(health(check, message)).toMatchObject([{ level, problem: `Ceph reports ${check}: ${message}` }]);
  });

  test('comes with the command for warnings that have one', () => {
    expect(health('MON_CLOCK_SKEW', 'x')[0]?.fix).toContain('chronyc makestep');
    expect(health('MANY_OBJECTS_PER_PG', 'x')[0]?.fix).toContain('ceph health detail');
  });
});

describe('The room of a pool', () => {
  const pool = (free: number, quota = 0, stored = 0): ClusterSpace => ({
    stats: { total_avail_bytes: 30 * GIB },
    pools: [{ name: 'vms', stats: { max_avail: free, stored, quota_bytes: quota } }],
  });
  const image = (size: string | undefined, more: Partial<RbdImageSpec> = {}) =>
    ({ pool: 'vms', name: 'a', size, ...more }) as RbdImageSpec;
  const levels = (...args: Parameters<typeof judgePoolSpace>) => judgePoolSpace(...args).map(({ level }) => level);

  test('is sufficient up to the last byte, for all images together', () => {
    expect(levels(pool(20 * GIB), [], [image('10 GiB'), image('10 GiB')])).toEqual([]);
    expect(judgePoolSpace(pool(20 * GIB), [], [image('10 GiB'), image('11 GiB')])).toMatchObject([
      { level: 'warns', problem: expect.stringMatching(/21 GiB in pool 'vms', which has 20 GiB/) },
    ]);
  });

  test('ends at a quota, minus what the pool holds', () => {
    expect(levels(pool(20 * GIB, 12 * GIB, 2 * GIB), [], [image('10 GiB')])).toEqual([]);
    expect(levels(pool(20 * GIB, 12 * GIB, 3 * GIB), [], [image('10 GiB')])).toEqual(['warns']);
  });

  test('fails an apply when there is none', () => {
    expect(levels(pool(0), [], [image('1 GiB')])).toEqual(['fails']);
    expect(levels(pool(5 * GIB, GIB, GIB), [], [image(undefined)])).toEqual(['fails']);
  });

  test('equals the room of the cluster divided by the copies when the pool is yet to be created', () => {
    const wanted = (size?: number) => [{ name: 'new', size } as CephPoolSpec];
    const asked = [image('11 GiB', { pool: 'new' })];
    expect(levels(pool(0), wanted(2), asked)).toEqual([]);
    expect(levels(pool(0), wanted(), asked)).toEqual(['warns']);
  });

  test('is that of the data pool, if there is one', () => {
    expect(levels(pool(0), [], [image('1 GiB', { dataPool: 'other' })])).toEqual([]);
  });
});

describe('Versions', () => {
  test.each([
    ['ceph version 16.2.15 (618f44) pacific (stable)', [16, 2, 15]],
    ['v20.19.0', [20, 19, 0]],
    ['Terraform v1.11.4\non linux_amd64', [1, 11, 4]],
    ['20.2.4-0ubuntu1', [20, 2, 4]],
    ['nothing', undefined],
  ])('are read in %j', (text, version) => {
    expect(versionIn(text)).toEqual(version);
  });

  test('are compared as numbers', () => {
    expect([isBelow([1, 4, 9], [1, 5, 0]), isBelow([1, 10, 0], [1, 5, 0]), isBelow([1, 5, 0], [1, 5, 0])]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test('are reported when they do not work together: librados from 20.2.4 on, and a storage pool', () => {
    expect(brokenPairs([20, 2, 3], undefined, ['storage'])).toEqual([]);
    expect(brokenPairs([20, 2, 4], undefined, [])).toEqual([]);
    expect(brokenPairs([20, 2, 4], undefined, ['storage'])).toMatchObject([
      { level: 'fails', problem: expect.stringContaining("'storage' cannot start") },
    ]);
  });

  test('are reported when they do not work together: a cluster that makes longer keys, and an older librados', () => {
    expect(brokenPairs([18, 2, 0], [19, 2, 5], [])).toEqual([]);
    expect(brokenPairs([18, 2, 0], [20, 2, 3], [])).toEqual([]);
    expect(brokenPairs([19, 2, 6], [20, 2, 4], [])).toEqual([]);
    expect(brokenPairs([18, 2, 0], [19, 2, 6], [])).toMatchObject([{ level: 'warns' }]);
    expect(brokenPairs(undefined, [20, 2, 4], ['storage'])).toEqual([]);
  });
});

describe("QEMU's block driver for RBD", () => {
  test.each([
    ["qemu-img: Could not open 'rbd:': Pool name is required", []],
    ['sh: 1: qemu-img: not found\n/usr/lib/x86_64-linux-gnu/qemu/block-rbd.so', []],
    ["qemu-img: Could not open 'rbd:': Unknown protocol 'rbd'", ['fails']],
    ['sh: 1: qemu-img: not found', ['warns']],
  ])('is judged by %j', (printed, levels) => {
    expect(judgeBlockDriver(printed).map(({ level }) => level)).toEqual(levels);
  });
});

describe('Monitors as seen from a hypervisor', () => {
  test('are fine when each answers on one of its ports', () => {
    const printed = 'no 10.0.0.1 3300 Connection refused\nyes 10.0.0.1 6789\nyes 2001:db8::13 3300';
    expect(judgeReachable(['10.0.0.1', '[2001:db8::13]:3300'], printed)).toEqual([]);
  });

  test('warn when some do not answer, and say why', () => {
    const printed = 'yes 10.0.0.1 3300\nno mon2 6789 Name or service not known';
    expect(judgeReachable(['10.0.0.1:3300', 'mon2:6789'], printed)).toEqual([
      {
        level: 'warns',
        problem: 'some monitors cannot be reached from the host: mon2:6789 (Name or service not known)',
        fix: expect.stringContaining('nc -vz mon2 6789'),
      },
    ]);
  });

  test('fail an apply when none answers', () => {
    const printed = 'no 10.0.0.1 3300 it does not answer\nno 10.0.0.1 6789 it does not answer';
    expect(judgeReachable(['10.0.0.1'], printed)).toMatchObject([{ level: 'fails' }]);
  });

  test('are not judged when the host has no tool to ask with', () => {
    expect(judgeReachable(['10.0.0.1:3300'], 'unknown 10.0.0.1 3300')).toEqual([]);
    expect(judgeReachable(['10.0.0.1:3300'], '')).toEqual([]);
  });
});

describe('AppArmor and SELinux', () => {
  test('are recognized from how libvirt confines QEMU', () => {
    const xml =
      '<capabilities><host><secmodel><model>apparmor</model></secmodel><secmodel><model>dac</model></secmodel></host></capabilities>';
    expect(securityDrivers(xml)).toEqual(['apparmor', 'dac']);
  });

  test('include AppArmor, which blocks a folder that its rules do not name', () => {
    const files = ['/var/log/ceph/qemu-$pid.log', '/run/ceph/$name.asok'];
    expect(judgeAppArmor(files, '/var/log/ceph/*.log rw,\n/run/ceph/*.asok rw,')).toEqual([]);
    expect(judgeAppArmor(files, '/var/log/ceph/*.log rw,')).toEqual([
      {
        level: 'warns',
        problem:
          'AppArmor does not let QEMU write /run/ceph/$name.asok: VMs start, but without that log file or socket',
        fix: "printf '%s\\n' '/run/ceph/*.asok rw,' >> /etc/apparmor.d/local/abstractions/libvirt-qemu",
      },
    ]);
  });

  test('include SELinux, which blocks a folder that is missing or has no label that QEMU may write', () => {
    const labels = 'system_u:object_r:svirt_image_t:s0 /run/ceph\nsystem_u:object_r:var_log_t:s0 /var/log/ceph';
    expect(judgeSelinux(['/run/ceph'], labels)).toEqual([]);
    expect(judgeSelinux(['/run/ceph', '/var/log/ceph', '/srv/none'], labels)).toMatchObject([
      { problem: expect.stringContaining('/var/log/ceph') },
      { problem: expect.stringContaining('/srv/none') },
    ]);
  });
});
