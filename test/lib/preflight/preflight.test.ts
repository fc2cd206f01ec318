import { CephConnectionError, ETIMEDOUT } from '../../../lib/ceph';
import type { CephClientSpec, CephSecretSpec, DomainSpec, RbdImageSpec, StoragePoolSpec } from '../../../lib/model';
import { preflight, renderPreflight, type Wanted } from '../../../lib/preflight';
import { type Command, type Outcome, Refusal, type Tools } from '../../../lib/steps/tools';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeCeph } from '../../helpers/fake-ceph';

const { v, owner, entryId, cluster: anywhere, host } = DOMAIN;
const cluster = { ...anywhere, monitors: ['127.0.0.1:3300'] };
const OBJECT = { v, owner, entryId };
const VM: DomainSpec = { ...DOMAIN, cluster, monitors: cluster.monitors };
const IMAGE: RbdImageSpec = { ...OBJECT, cluster, pool: 'vms', name: 'web1', source: { blank: true }, size: '8 GiB' };
const CLIENT: CephClientSpec = { ...OBJECT, cluster, id: 'libvirt', caps: { mon: 'profile rbd' } };
const STORAGE: StoragePoolSpec = {
  ...OBJECT,
  host,
  name: 'storage',
  uuid: DOMAIN.uuid,
  cephPool: 'vms',
  monitors: cluster.monitors,
  clientId: 'libvirt',
  secretUsage: 'x',
  autostart: true,
  driver: 'virsh',
};
const SECRET: CephSecretSpec = {
  ...OBJECT,
  cluster,
  host,
  usage: 'client.libvirt secret',
  uuid: DOMAIN.uuid,
  entity: 'client.libvirt',
  private: true,
};

const wanted = (kind: Wanted['kind'], spec: Wanted['spec']): Wanted => ({ name: 'x', kind, spec });
const ALL = [
  wanted('ceph-client', CLIENT),
  wanted('rbd-image', IMAGE),
  wanted('ceph-secret', SECRET),
  wanted('storage-pool', STORAGE),
  wanted('domain', VM),
];

const DF = {
  stats: { total_avail_bytes: 2 ** 40 },
  pools: [{ name: 'vms', stats: { max_avail: 2 ** 40, stored: 0 } }],
};
const failed = (stderr: string): Outcome => ({ exitCode: 1, stdout: '', stderr });
/** What each command prints, the first that its words hold; an error is thrown. */
const WELL: readonly (readonly [string, string | Outcome | Error])[] = [
  ['terraform version', 'Terraform v1.11.4'],
  ['node --version', 'v22.1.0'],
  ['health detail', '{"status":"HEALTH_OK","checks":{}}'],
  ['df detail', JSON.stringify(DF)],
  ['versions', '{"overall":{"ceph version 17.2.7 (x) quincy (stable)":3}}'],
  ['domcapabilities', '<domainCapabilities/>'],
  ['pool-capabilities', "<storagepoolCapabilities><pool type='rbd' supported='yes'/></storagepoolCapabilities>"],
  ['capabilities', '<capabilities><host/></capabilities>'],
  ['qemu-img info rbd:', "qemu-img: Could not open 'rbd:': Pool name is required"],
  ['/dev/tcp', 'yes 127.0.0.1 3300'],
  ['librados2', '17.2.7'],
  ['date', 'NOW'],
  ['domstate', failed("error: failed to get domain 'web1'")],
  ['pool-info', failed("error: failed to get pool 'storage'")],
];

function toolsWith(answers: typeof WELL = [], ceph = new FakeCeph()) {
  const asked: string[] = [];
  const attempt = async ({ argv }: Command): Promise<Outcome> => {
    const line = argv.join(' ');
    asked.push(line);
    const [, answer = ''] = [...answers, ...WELL].find(([words]) => line.includes(words)) ?? [];
    if (answer instanceof Error) throw answer;
    if (typeof answer !== 'string') return answer;
    return { exitCode: 0, stdout: answer.replace('NOW', String(Date.now() / 1000)), stderr: '' };
  };
  const run = async (command: Command): Promise<string> => (await attempt(command)).stdout;
  return { asked, tools: { ceph: () => ceph.client(), attempt, run } as unknown as Tools };
}

async function problems(answers: typeof WELL, objects: readonly Wanted[] = ALL, ceph?: FakeCeph): Promise<string[]> {
  const { findings } = await preflight(objects, 'terraform', toolsWith(answers, ceph).tools);
  return findings.map(({ level, place, problem }) => `${level} ${place}: ${problem}`);
}

const HOST = 'host qemu:///system';

test('finds nothing when all is well, and runs no command that changes anything', async () => {
  const { tools, asked } = toolsWith();
  const report = await preflight(ALL, 'terraform', tools);
  expect(report).toEqual({ ok: true, clusters: 1, hosts: 1, objects: 5, findings: [] });
  expect(renderPreflight(report)).toEqual(['checked 1 cluster, 1 host and 5 objects: an apply can go ahead']);
  expect(
    asked.filter((line) => / (?:define|start|create|set|rm|del|add|net-start|pool-define|secret-define) /.test(line)),
  ).toEqual([]);
});

test('asks this machine only for what the stack needs of it', async () => {
  const { tools, asked } = toolsWith();
  await preflight([], 'tofu', tools);
  expect(asked).toEqual(['env CHECKPOINT_DISABLE=1 tofu version', 'node --version']);
  const file = wanted('rbd-image', {
    ...IMAGE,
    source: { url: 'https://example.org/debian.qcow2.xz' },
  } as RbdImageSpec);
  await preflight([file], 'tofu', tools);
  expect(asked).toEqual(expect.arrayContaining(['qemu-img --version', 'xz --version']));
  expect(asked).not.toContain('virsh --version');
});

test.each([
  [
    'Terraform',
    [['terraform version', 'Terraform v1.4.9']],
    'Terraform or OpenTofu is 1.4.9, and 1.5.0 or later is needed',
  ],
  ['Node.js', [['node --version', 'v18.20.0']], 'Node.js is 18.20.0, and 20.19.0 or later is needed'],
  [
    'virsh',
    [['virsh --version', new Refusal("the command 'virsh' is missing", 'install it', 'command-missing')]],
    "the command 'virsh' is missing",
  ],
] as const)('fails when Terraform runs with a %s that is too old or missing', async (_, answers, problem) => {
  expect(await problems(answers)).toEqual([`fails where Terraform runs: ${problem}`]);
});

test.each([
  [
    'no driver for RBD',
    'pool-capabilities',
    "<x><pool type='rbd' supported='no'/></x>",
    'libvirt has no storage driver for RBD',
  ],
  [
    'no module of QEMU',
    'qemu-img info',
    "Unknown protocol 'rbd'",
    'QEMU has no block driver for RBD: no VM can start on this host',
  ],
  [
    'no way to the monitors',
    '/dev/tcp',
    'no 127.0.0.1 3300 it does not answer',
    'no monitor can be reached from the host',
  ],
])('fails for a host with %s', async (_, command, printed, problem) => {
  expect(await problems([[command, printed]])).toEqual([expect.stringContaining(`fails ${HOST}: ${problem}`)]);
});

test('reports an unreachable host once, and nothing about what is on it', async () => {
  const refused = 'error: failed to connect\nerror: Failed to connect socket: No such file or directory';
  const report = await preflight(ALL, 'terraform', toolsWith([['virsh', failed(refused)]]).tools);
  expect(report.findings).toEqual([
    {
      level: 'fails',
      place: HOST,
      problem: 'libvirt does not answer: error: Failed to connect socket: No such file or directory',
      fix: expect.stringContaining('systemctl enable --now libvirtd.socket'),
    },
  ]);
});

test('reports an unreachable cluster once, and still looks at the hosts', async () => {
  const ceph = new FakeCeph();
  ceph.before = ({ method }) => {
    if (method === 'monitors')
      throw new CephConnectionError({ operation: 'ceph mon dump', errno: ETIMEDOUT, message: 'it did not answer' });
  };
  const found = await problems([['pool-capabilities', '<x/>']], ALL, ceph);
  expect(found).toEqual([
    expect.stringMatching(/^fails Ceph, asked on this machine .*no monitor of .* answered/),
    `fails ${HOST}: libvirt has no storage driver for RBD`,
  ]);
});

test('names an existing user that does not belong to the stack, with the command that frees the name', async () => {
  const ceph = new FakeCeph();
  ceph.clients.set('client.libvirt', { caps: { mon: 'allow r' }, key: 'k' });
  const report = await preflight(ALL, 'terraform', toolsWith([], ceph).tools);
  expect(renderPreflight(report)).toEqual([
    expect.stringMatching(
      /^FAILS {2}Ceph, asked .*: client 'libvirt' already exists and does not belong to this stack$/,
    ),
    expect.stringMatching(/^ {7}fix: set 'adopt: true'.*ceph auth del client\.libvirt/),
    'checked 1 cluster, 1 host and 5 objects: an apply would fail (1 failure, 0 warnings)',
  ]);
});

test('an apply can go ahead when there are only remarks', async () => {
  const nearly = { checks: { OSD_NEARFULL: { summary: { message: '1 nearfull osd(s)' } } } };
  const report = await preflight(ALL, 'terraform', toolsWith([['health detail', JSON.stringify(nearly)]]).tools);
  expect(report).toMatchObject({ ok: true, findings: [{ level: 'warns' }] });
  expect(renderPreflight(report).at(-1)).toContain('an apply can go ahead (0 failures, 1 warning)');
});

test('judges this machine for no host that is reached over TLS only', async () => {
  const remote = { ...host, uri: 'qemu+tls://kvm9/system' };
  const { tools, asked } = toolsWith();
  const { findings } = await preflight([wanted('domain', { ...VM, host: remote } as DomainSpec)], 'terraform', tools);
  expect(findings).toMatchObject([{ level: 'warns', fix: expect.stringContaining('Transport.ssh') }]);
  expect(asked.filter((line) => /dev.tcp|qemu-img|librados/.test(line))).toEqual([]);
});
