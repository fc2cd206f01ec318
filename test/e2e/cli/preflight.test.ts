import { join } from 'node:path';
import { writeFileSync } from 'node:fs';
import type { TerraformStack } from 'cdktf';
import {
  CephClientConfig,
  CephCluster,
  CephRbdStoragePool,
  ImageSource,
  NetworkSource,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../../constructs';
import { CommandLine } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { withoutLibvirtd } from '../../helpers/lab-faults';
import { pathWithTool } from '../../helpers/shim';
import { until } from '../../helpers/until';
import { Admin, labHost } from '../../helpers/world';

const lab = useLab();
const name = 'pre';
const USAGE = `client.${name}-client secret`;

const UUID = '22222222-2222-4222-8222-222222222222';

interface Parts {
  readonly size?: Size;
  readonly network?: string;
  readonly monitors?: readonly string[];
  readonly machineType?: string;
  readonly logFile?: string;
}

describe('preflight on a stack that was synthesized and never applied', () => {
  const deployment = new Deployment(name);
  const cli = new CommandLine(deployment);
  let admin: Admin;

  const synth = ({ size = Size.mebibytes(16), network, machineType, monitors = [], logFile }: Parts = {}): void => {
    deployment.synth((stack: TerraformStack) => {
      const given = { monitors: [...lab().monitors, ...monitors], confFile: lab().cephConf };
      const cluster = new CephCluster(stack, 'ceph', given);
      const access = { poolName: `${name}-pool`, clientId: `${name}-client` };
      const storage = new CephRbdStoragePool(stack, `${name}-storage`, {
        host: labHost(stack, lab()),
        cluster,
        ...access,
      });
      if (logFile) new CephClientConfig(stack, 'config', { host: storage.host, client: storage.client, logFile });
      const base = new RbdImage(stack, `${name}-base`, {
        pool: storage.pool,
        source: ImageSource.file(lab().bootSectorImage),
      });
      new RbdBackedVm(stack, `${name}-vm`, {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(64),
        machineType,
        rootDisk: { source: ImageSource.clone(base), size },
        networkInterfaces: network === undefined ? [] : [{ source: NetworkSource.network(network) }],
      });
    });
  };

  /** Its exit code, and each finding with its level: "FAILS host ...: problem". */
  const found = async (
    path?: string,
  ): Promise<{ readonly exitCode: number | undefined; readonly problems: string[] }> => {
    const { exitCode, stdout, stderr } = await cli.start(['preflight'], path);
    if (exitCode === 1) throw new Error(stderr);
    return { exitCode, problems: stdout.split('\n').filter((line) => /^(?:FAILS|WARNS)/.test(line)) };
  };
  const fails = (...patterns: readonly string[]) => ({
    exitCode: 2,
    problems: patterns.map((one) => expect.stringMatching(new RegExp(`^FAILS .*${one}`))),
  });

  beforeAll(() => {
    admin = new Admin(lab());
  });

  beforeEach(() => synth());

  afterAll(() => deployment.remove());

  test('finds nothing when all is well, before terraform init, and changes nothing', async () => {
    const before = await admin.inventory(name);
    expect(await cli.run('preflight')).toEqual({
      exitCode: 0,
      stdout: 'checked 1 cluster, 1 host and 7 objects: an apply can go ahead',
      stderr: '',
    });
    const all = { ok: true, clusters: 1, hosts: 1, objects: 7, findings: [], notLookedAt: [] };
    expect(await cli.json('preflight', deployment.stackFolder)).toEqual(all);
    expect(await admin.inventory(name)).toEqual(before);
  });

  test('names existing objects that do not belong to the stack: a user, a secret, a pool', async () => {
    const file = join(deployment.folder, 'secret.xml');
    writeFileSync(file, `<secret><uuid>${UUID}</uuid><usage type='ceph'><name>${USAGE}</name></usage></secret>`);
    await admin.ceph('auth', 'add', `client.${name}-client`, 'mon', 'allow r');
    await admin.ceph('osd', 'pool', 'create', `${name}-pool`, '1');
    await admin.virsh('secret-define', file);
    try {
      expect(await found()).toEqual(
        fails(
          `pool '${name}-pool' already exists and does not belong to this stack`,
          `client '${name}-client' already exists and does not belong to this stack`,
          `secret '${USAGE}' already exists and does not belong to this stack`,
        ),
      );
      const { findings } = await cli.json('preflight');
      expect(findings.map((one: any) => one.fix)).toEqual([
        expect.stringContaining("set 'adopt: true'"),
        expect.stringContaining(`ceph auth del client.${name}-client`),
        expect.stringContaining(`virsh secret-undefine ${UUID}`),
      ]);
    } finally {
      await admin.virsh('secret-undefine', UUID);
      await admin.ceph('auth', 'del', `client.${name}-client`);
      await admin.wipe(`${name}-pool`);
    }
  });

  test('names what a VM needs and its host lacks, and images that need more room than the cluster has', async () => {
    synth({ network: 'no-such-net', machineType: 'no-such-machine', size: Size.tebibytes(20) });
    const { exitCode, problems } = await found();
    expect({ exitCode, problems }).toEqual({
      exitCode: 2,
      problems: [
        expect.stringMatching(/^FAILS +host .*needs the machine type 'no-such-machine'/),
        expect.stringMatching(/^FAILS +host .*has no network 'no-such-net'/),
        expect.stringMatching(/^WARNS +Ceph.*20 TiB in pool 'pre-pool', which has .* free/),
      ],
    });
  });

  test('names a monitor that the host does not reach', async () => {
    synth({ monitors: ['127.0.0.1:1'] });
    const { exitCode, problems } = await found();
    expect(exitCode).toBe(0);
    expect(problems).toContainEqual(
      expect.stringMatching(/some monitors cannot be reached from the host: 127\.0\.0\.1:1 \(/),
    );
  });

  test('names versions that are too old, and tools that are missing', async () => {
    const old = pathWithTool(deployment.folder, 'terraform', 'echo "Terraform v1.4.7"; exit');
    expect(await found(old)).toEqual(fails('where Terraform runs: Terraform or OpenTofu is 1.4.7, and 1.5.0 or later'));
    const none = pathWithTool(deployment.folder, 'qemu-img', 'echo "qemu-img: Unknown protocol \'rbd\'"; exit');
    expect(await found(none)).toEqual(fails('QEMU has no block driver for RBD'));
  });

  test('names a full cluster, and one that is nearly full', async () => {
    const osdMap = JSON.parse(await admin.ceph('osd', 'dump', '--format', 'json'));
    const kinds = ['nearfull', 'backfillfull', 'full'] as const;
    const set = async (ratios: readonly number[], ...order: readonly number[]): Promise<void> => {
      for (const index of order) await admin.ceph('osd', `set-${kinds[index]}-ratio`, String(ratios[index]));
    };
    const says = (check: string) => until(check, async () => (await admin.ceph('health', 'detail')).includes(check));
    try {
      await set([0.00001, 0.9, 0.95], 0);
      await says('OSD_NEARFULL');
      const { exitCode, problems } = await found();
      expect(exitCode).toBe(0);
      expect(problems).toContainEqual(expect.stringMatching(/^WARNS .*Ceph reports OSD_NEARFULL/));
      await set([0.00001, 0.00002, 0.00003], 1, 2);
      await says('OSD_FULL');
      const full = await found();
      expect(full.exitCode).toBe(2);
      expect(full.problems).toContainEqual(expect.stringMatching(/^FAILS .*Ceph reports OSD_FULL/));
    } finally {
      await set(
        kinds.map((kind) => osdMap[`${kind}_ratio`]),
        2,
        1,
        0,
      );
      await until('room again', async () => !(await admin.ceph('health', 'detail')).includes('FULL'));
    }
  });

  test('names a clock that is hours ahead, on the Ceph side and on the host', async () => {
    const ahead = pathWithTool(deployment.folder, 'date', 'echo "$(($("$real" +%s) + 7200)).0"; exit');
    const { exitCode, problems } = await found(ahead);
    expect(exitCode).toBe(2);
    expect(problems).toEqual([
      expect.stringMatching(/^FAILS +Ceph, .*its clock is 7\d{3} s ahead/),
      expect.stringMatching(/^FAILS +host .*its clock is 7\d{3} s ahead/),
    ]);
  });

  // The lab has neither: libvirt is made to name the driver, and the rules and labels of this machine are asked for.
  test.each([
    ['apparmor', /^WARNS +host .*AppArmor does not let QEMU write/],
    ['selinux', /^WARNS +host .*SELinux may not let QEMU write/],
  ])('names a log file that %s keeps QEMU from writing', async (driver, warning) => {
    synth({ logFile: '/var/log/clc-confined/client.log' });
    const model = `<secmodel><model>${driver}</model></secmodel></host>`;
    const shell = `case " $* " in *" capabilities "*) "$real" "$@" | sed 's#</host>#${model}#'; exit ;; esac`;
    const { exitCode, problems } = await found(pathWithTool(deployment.folder, 'virsh', shell));
    expect({ exitCode, problems }).toEqual({ exitCode: 0, problems: [expect.stringMatching(warning)] });
  });

  test('names a libvirt that does not answer once, with the command that starts it', async () => {
    await withoutLibvirtd(lab(), async () => {
      expect(await found()).toEqual(fails('libvirt does not answer'));
      expect((await cli.run('preflight')).stdout).toContain('systemctl enable --now libvirtd.socket');
    });
  });
});
