import type { StateResource } from '../../../lib/cli/ask-terraform';
import type { Session } from '../../../lib/cli/command-session';
import type { StackObject } from '../../../lib/cli/stack-objects';
import { undoRunbook } from '../../../lib/cli/undo-runbook';
import type { Kind } from '../../../lib/model';
import { kindSteps } from '../../../lib/steps/kinds';
import type { Tools } from '../../../lib/steps/tools';
import { DOMAIN } from '../../helpers/domain-spec';

const { v, owner, cluster, host, uuid } = DOMAIN;
const BASE = { v, owner, removalPolicy: 'delete' };
const image = (name: string, more: object = {}) => ({ ...BASE, cluster, pool: 'vms', name, ...more });
const ENTRIES: readonly (readonly [registry: string, kind: Kind, key: string, input: object])[] = [
  ['ceph_images', 'rbd-image', 'vms/base', image('base')],
  ['ceph_images', 'rbd-image', 'vms/web1-root', image('web1-root', { removalPolicy: 'trash', trashExpiry: '1 days' })],
  ['ceph_pools', 'ceph-pool', 'vms', { ...BASE, cluster, name: 'vms', removalPolicy: 'retain' }],
  ['kvm1_domains', 'domain', 'web1', { ...BASE, host, name: 'web1', uuid, shutdownTimeout: '2 minutes' }],
  [
    'kvm1_disk_attachments',
    'disk',
    'web1/vdb',
    { ...BASE, host, domain: 'web1', target: 'vdb', image: 'vms/web1-vdb' },
  ],
];

const resources: StateResource[] = ENTRIES.map(([name, , key, input]) => ({
  address: `terraform_data.${name}["${key}"]`,
  type: 'terraform_data',
  name,
  values: { id: '11111111-1111-4111-8111-111111111111', input },
}));
const registries = ENTRIES.map(([name, kind]) => {
  const command = `node \${path.module}/assets/ab/exec.cjs ${kind} remove`;
  return [name, { provisioner: [{ 'local-exec': { command } }] }] as const;
});

/** A stack in which a clone was created after its parent. */
function sessionWith(without: readonly string[] = []): Session {
  const applied = ENTRIES.filter(([, kind]) => kind !== 'disk').map(([, kind, , input]) => {
    const steps = kindSteps(kind) as NonNullable<ReturnType<typeof kindSteps>>;
    return { name: (input as { name: string }).name, kind, steps, title: steps.title(input as never) };
  });
  const tools: Partial<Tools> = {
    attempt: () =>
      Promise.resolve({ exitCode: 0, stdout: JSON.stringify({ values: { root_module: { resources } } }), stderr: '' }),
  };
  const blocks = Object.fromEntries(registries.filter(([name]) => !without.includes(name)));
  return {
    stack: { folder: '/stack', variables: [], synthesized: { resource: { terraform_data: blocks } } },
    tools,
    objects: () => Promise.resolve({ applied: applied as unknown as readonly StackObject[], missing: [] }),
  } as unknown as Session;
}

const titles = async (...args: Parameters<typeof undoRunbook>): Promise<string[]> =>
  (await undoRunbook(...args)).lines.filter((line) => line.startsWith('# ') && line.includes('terraform_data'));

test('the runbook of a removal removes users before what they use, and a clone before its parent', async () => {
  expect(await titles(sessionWith(), [])).toEqual([
    `# VM 'web1' (terraform_data.kvm1_domains["web1"])`,
    `# image 'vms/web1-root' (terraform_data.ceph_images["vms/web1-root"])`,
    `# image 'vms/base' (terraform_data.ceph_images["vms/base"])`,
    `# pool 'vms' (terraform_data.ceph_pools["vms"])`,
  ]);
});

test('the runbook of a removal follows each policy in the state', async () => {
  const { lines } = await undoRunbook(sessionWith(), []);
  expect(lines).toEqual(
    expect.arrayContaining(['shut_down web1 120 virsh --connect qemu:///system', 'rbd rm --no-progress vms/base']),
  );
  expect(lines).toContain("rbd trash mv --expires-at '+86400 seconds' vms/web1-root");
  expect(lines.filter((line) => line.includes('pool delete'))).toEqual([]);
});

test('the runbook of a removal covers only the named objects', async () => {
  expect(await titles(sessionWith(), ['base'])).toEqual([expect.stringContaining("image 'vms/base'")]);
});

test('the runbook of a removal skips a registry that is gone from the code, because no removal runs for it', async () => {
  expect(await titles(sessionWith(['ceph_images']), [])).toHaveLength(2);
});
