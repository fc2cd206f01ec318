import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { LibvirtDriver, RemovalPolicy, Size } from '../../constructs';
import { SPEC_VERSION } from '../../lib/model';
import { Deployment } from '../helpers/deploy';
import { describeByDriver } from '../helpers/drivers';
import { useLab } from '../helpers/lab';
import { planStack, type PlanParts } from '../helpers/plan-stack';
import { planFile, PLANS } from '../helpers/plans';
import { Admin } from '../helpers/world';

const lab = useLab({ hosts: 2 });
const CHANGES: { readonly [name: string]: PlanParts } = {
  nothing: {},
  grow: { disk: 16 },
  shrink: { root: 8 },
  memory: { memory: 64 },
  'memory-live': { dbMemory: 48 },
  'vcpus-restart': { dbVcpus: 2 },
  vcpus: { vcpus: 2 },
  description: { description: 'a ${web} | server\n<b>' },
  'nic-added': { nic: 'default' },
  stop: { running: false },
  'disk-out': { without: ['vdb'] },
  'disk-added': { extraDisk: true },
  'vm-out': { without: ['web1'] },
  'image-out-delete': { scratch: false },
  'image-out-retain': { without: ['kept'] },
  'image-out-trash': { without: ['binned'] },
  'image-renamed-with-policy': { scratch: 'scratch2', scratchPolicy: RemovalPolicy.TRASH },
  'policy-to-delete': { keptPolicy: RemovalPolicy.DELETE },
  'expiry-shorter': { expiry: 1 },
  'object-size': { objectSize: Size.mebibytes(1) },
  'snapshot-out': { without: ['snapshot'] },
  'pool-out': { without: ['extra'] },
  'client-out': { without: ['client'] },
  'secret-out': { without: ['secret'] },
  moved: { host: 'kvm2' },
  'key-rotated': { keyGeneration: 2 },
  'caps-taken': { grant: false },
  'pool-pg-num': { extraSize: 32 },
  adopted: { adopted: true },
  'foreign-out': { foreign: 'gone' },
  'foreign-changed': { foreign: 'changed' },
  unknown: {
    more: (stack) => {
      stack.addOverride('resource.terraform_data.late', { input: 'x' });
      stack.addOverride(
        'resource.terraform_data.web1_spec.triggers_replace.memory',
        '${terraform_data.late.output == "x" ? "64 MiB" : "32 MiB"}',
      );
    },
  },
};
const REQUESTS: { readonly [name: string]: readonly string[] } = {
  replace: ['-replace=terraform_data.web1_spec'],
  'replace-image-entry': ['-replace=terraform_data.ceph_images["POOL/scratch"]'],
  'replace-disk-entry': ['-replace=terraform_data.kvm1_disk_attachments["web1/vdb"]'],
  'destroy-all': ['-destroy'],
};

/** `npm run plans` records them again; the unit tests of lib/review judge what happens to each object. */
const recording = process.env['CLC_PLANS'] === 'rewrite' ? describeByDriver : () => test.todo('npm run plans');

recording('plans are recorded', (driver) => {
  const deployment = new Deployment('prod', 'shop');
  const pool = driver === LibvirtDriver.VIRSH ? 'vms' : 'pvms';
  const stackWith = (parts: PlanParts = {}) => planStack(lab(), driver, pool, parts);
  const folder = (): string => deployment.stackFolder;
  let admin: Admin;

  /** Writes the plan of what is synthesized; returns whether Terraform completed it. */
  async function record(name: string, ...args: string[]): Promise<boolean> {
    await deployment.must('plan', '-out=plan', ...args);
    return written(name, folder());
  }

  async function written(name: string, cwd: string): Promise<boolean> {
    const { stdout } = await execa(terraformBinary(), ['show', '-json', 'plan'], { cwd });
    writeFileSync(join(PLANS, `${driver}-${name}.json`), planFile(JSON.parse(stdout)));
    return (JSON.parse(stdout) as { readonly errored?: boolean }).errored !== true;
  }

  beforeAll(async () => {
    mkdirSync(PLANS, { recursive: true });
    admin = new Admin(lab());
    await admin.wipe(pool);
    await admin.wipe(`${pool}-extra`);
    deployment.synth(stackWith());
    await record('first');
    await deployment.apply(stackWith());
  });

  afterAll(async () => {
    deployment.synth(stackWith());
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe(pool);
    await admin.wipe(`${pool}-extra`);
  });

  test.each(Object.entries(CHANGES))('%s', async (name, parts) => {
    deployment.synth(stackWith(parts));
    expect(await record(name)).toBe(true);
  });

  test.each(Object.entries(REQUESTS))('%s', async (name, args) => {
    deployment.synth(stackWith());
    expect(await record(name, ...args.map((one) => one.replace('POOL', pool)))).toBe(true);
  });

  test('target', async () => {
    deployment.synth(stackWith({ memory: 64 }));
    expect(await record('target', '-target=terraform_data.web1_spec')).toBe(true);
  });

  test.each([
    ['tainted', 'terraform_data.web1_spec'],
    ['tainted-image-entry', 'terraform_data.ceph_images["POOL/scratch"]'],
  ])('%s', async (name, address) => {
    deployment.synth(stackWith());
    await deployment.must('taint', address.replace('POOL', pool));
    expect(await record(name)).toBe(true);
    await deployment.must('untaint', address.replace('POOL', pool));
  });

  test('record-lost', async () => {
    deployment.synth(stackWith());
    const state = join(folder(), 'terraform.tfstate');
    const before = readFileSync(state);
    await deployment.must('state', 'rm', 'terraform_data.web1_spec');
    expect(await record('record-lost')).toBe(true);
    writeFileSync(state, before);
  });

  test('state-lost', async () => {
    deployment.synth(stackWith());
    const state = join(folder(), 'terraform.tfstate');
    const before = readFileSync(state);
    rmSync(state);
    expect(await record('state-lost')).toBe(true);
    writeFileSync(state, before);
  });

  test('renamed-stack', async () => {
    const renamed = new Deployment('production', 'shop').synth(stackWith());
    copyFileSync(join(folder(), 'terraform.tfstate'), join(renamed.stackFolder, 'terraform.tfstate'));
    await renamed.must('plan', '-out=plan');
    expect(await written('renamed-stack', renamed.stackFolder)).toBe(true);
    renamed.remove();
  });

  test.each([
    ['vm-out-delete', RemovalPolicy.DELETE],
    ['vm-out-retain', RemovalPolicy.RETAIN],
  ])('%s', async (name, dbPolicy) => {
    await deployment.apply(stackWith({ dbPolicy }));
    deployment.synth(stackWith({ without: ['db1'] }));
    expect(await record(name)).toBe(true);
    await deployment.apply(stackWith());
  });

  test('newer-spec', async () => {
    // As a newer release would write it.
    const more: PlanParts['more'] = (stack) =>
      stack.addOverride(`locals.entries_ceph_images.${pool}/scratch.v`, SPEC_VERSION + 1);
    deployment.synth(stackWith({ more }));
    expect(await record('newer-spec')).toBe(true);
    await deployment.apply(stackWith({ more }));
    deployment.synth(stackWith({ scratch: false }));
    expect(await record('newer-spec-out')).toBe(true);
    await deployment.apply(stackWith());
  });

  test('driver-switch', async () => {
    const other = driver === LibvirtDriver.VIRSH ? LibvirtDriver.PROVIDER : LibvirtDriver.VIRSH;
    const state = join(folder(), 'terraform.tfstate');
    const before = readFileSync(state);
    // Without it Terraform makes no plan, because the provider is gone from the code.
    const made = (await deployment.must('state', 'list')).match(/^libvirt_\S+$/gm) ?? [];
    if (made.length > 0) await deployment.must('state', 'rm', ...made);
    deployment.synth(planStack(lab(), other, pool));
    expect(await record('driver-switch')).toBe(true);
    deployment.synth(stackWith());
    writeFileSync(state, before);
  });

  test('forgotten', async () => {
    deployment.synth(
      stackWith({
        scratch: false,
        more: (stack) =>
          stack.addOverride('removed', [{ from: 'terraform_data.theirs', lifecycle: { destroy: false } }]),
        foreign: 'gone',
      }),
    );
    expect(await record('forgotten')).toBe(true);
  });

  const byProvider = driver === LibvirtDriver.PROVIDER ? test : test.skip;
  byProvider("somebody else's volume leaves", async () => {
    const more: PlanParts['more'] = (stack) => {
      const provider = 'libvirt.kvm1';
      stack.addOverride('resource.libvirt_pool.theirs', {
        provider,
        name: 'theirs',
        type: 'dir',
        target: { path: '/var/lib/libvirt/theirs' },
        create: { build: true, start: true },
        destroy: { delete: true },
      });
      const volume = { provider, name: 'theirs.raw', pool: '${libvirt_pool.theirs.name}', capacity: 1048576 };
      stack.addOverride('resource.libvirt_volume.theirs', volume);
    };
    await deployment.apply(stackWith({ more }));
    deployment.synth(stackWith());
    expect(await record('their-volume-out')).toBe(true);
    await deployment.apply(stackWith());
  });
});
