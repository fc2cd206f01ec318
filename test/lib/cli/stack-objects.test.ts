import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readObjects, select } from '../../../lib/cli/stack-objects';
import type { StateResource } from '../../../lib/cli/ask-terraform';
import { openStack, type Stack } from '../../../lib/cli/terraform-stack';
import { specAddress } from '../../../lib/model';
import type { Tools } from '../../../lib/steps/tools';

const OWNER = { project: 'shop', stack: 'prod', workspace: 'staging' };
const CLUSTER = { monitors: ['10.0.0.11'], transport: { type: 'local' } };
const POOL = { v: 1, owner: OWNER, cluster: CLUSTER };

/** Terraform's answers to the two questions: the state, and the values of a list of locals. */
function terraformWith(resources: readonly StateResource[] | undefined, locals: { [name: string]: object }): Tools {
  const state = resources === undefined ? { format_version: '1.0' } : { values: { root_module: { resources } } };
  const shown = (name = ''): string => {
    const value = locals[name];
    return value ? `"${Buffer.from(JSON.stringify(value)).toString('base64')}"` : '(known after apply)';
  };
  const tools: Partial<Tools> = {
    attempt: ({ argv }, { input = '' } = {}) => {
      const asked = [...input.matchAll(/local\.spec_(\w+)/g)].map(([, name]) => `  ${shown(name)},\n`);
      const stdout = argv.includes('show') ? JSON.stringify(state) : `[\n${asked.join('')}]\n`;
      return Promise.resolve({ exitCode: 0, stdout, stderr: '' });
    },
  };
  return tools as Tools;
}

function object(kind: string, ...after: string[]): object {
  const command = `node \${path.module}/assets/ab/exec.cjs ${kind} ensure`;
  return { depends_on: after, provisioner: [{ 'local-exec': { command } }] };
}

function inState(name: string, fields: object): StateResource {
  return {
    address: specAddress(name),
    mode: 'managed',
    type: 'terraform_data',
    name: `${name}_spec`,
    values: { triggers_replace: fields },
  };
}

const stack = {
  folder: '/stack',
  variables: [],
  synthesized: {
    locals: { spec_a: {}, spec_b: {}, spec_c: {} },
    resource: {
      terraform_data: {
        ceph_pools: { provisioner: [{ 'local-exec': { command: 'node exec.cjs ceph-pool remove' } }] },
        b_spec: object('rbd-image', 'terraform_data.c_spec', 'terraform_data.a_spec'),
        c_spec: object('rbd-image', 'terraform_data.a_spec'),
        a_spec: object('ceph-pool', 'terraform_data.ceph_pools'),
      },
    },
  },
} as Stack;
const image = { entryId: 'r', pool: 'vms', name: 'x', source: { blank: true }, size: '1 GiB' };

describe('The objects of a stack', () => {
  test('are what was applied and what Terraform evaluates from the locals, in creation order', async () => {
    const state = [inState('b', { ...image, name: 'b' }), inState('a', { entryId: 'r', name: 'vms' })];
    const tools = terraformWith(state, { a: POOL, b: POOL });
    const { applied, missing } = await readObjects(stack, tools);
    expect(applied.map(({ name, kind, title }) => [name, kind, title])).toEqual([
      ['a', 'ceph-pool', "pool 'vms'"],
      ['b', 'rbd-image', "image 'vms/b'"],
    ]);
    expect(applied[1]?.spec).toEqual({ ...POOL, ...image, name: 'b' });
    expect(missing).toEqual([{ name: 'c', kind: 'rbd-image' }]);
  });

  test('list a parent before its child when both are of one kind', async () => {
    const images = ['b', 'c'].map((name) => inState(name, { ...image, name }));
    const state = [...images, inState('a', { entryId: 'r', name: 'vms' })];
    const tools = terraformWith(state, { a: POOL, b: POOL, c: POOL });
    expect((await readObjects(stack, tools)).applied.map(({ name }) => name)).toEqual(['a', 'c', 'b']);
  });

  test('of which one is unknown until an apply: only that one counts as not applied', async () => {
    const state = [inState('b', { ...image, name: 'b' }), inState('a', { entryId: 'r', name: 'vms' })];
    const tools = terraformWith(state, { a: POOL });
    const { applied, missing } = await readObjects(stack, tools);
    expect(applied.map(({ name }) => name)).toEqual(['a']);
    expect(missing.map(({ name }) => name)).toEqual(['c', 'b']);
  });

  test('do not exist before the first apply', async () => {
    const { applied, missing } = await readObjects(stack, terraformWith(undefined, {}));
    expect([applied, missing.map(({ name }) => name)]).toEqual([[], ['a', 'c', 'b']]);
  });

  test('are selected by address, with or without its type; without an address, all are', () => {
    const all = [{ name: 'a' }, { name: 'b' }];
    expect(select(all, [])).toEqual(all);
    for (const one of ['b', 'b_spec', 'terraform_data.b_spec']) expect(select(all, [one])).toEqual([{ name: 'b' }]);
    expect(select([...all, { name: 'a_spec' }], ['a_spec'])).toEqual([{ name: 'a_spec' }]);
    expect(() => select(all, ['c'])).toThrow("the stack has no object 'c'; its objects are: a, b");
  });
});

describe('A stack', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clc-stack-'));
  const make = (...path: string[]): string => {
    const made = join(folder, ...path);
    mkdirSync(made, { recursive: true });
    writeFileSync(join(made, 'cdk.tf.json'), '{}');
    return made;
  };

  afterAll(() => rmSync(folder, { recursive: true }));

  test('is found below cdktf.out when it is the only one, otherwise by its name, and in its own folder', () => {
    expect(() => openStack(folder)).toThrow("run 'cdktf synth' there, or give another folder with --dir");
    const one = make('cdktf.out', 'stacks', 'one');
    expect(openStack(folder).folder).toBe(one);
    const two = make('cdktf.out', 'stacks', 'two');
    expect(() => openStack(folder)).toThrow('has several stacks; choose one with --stack (there: one, two)');
    expect(() => openStack(folder, 'three')).toThrow("has no stack 'three'; choose one with --stack (there: one, two)");
    expect(openStack(folder, 'two').folder).toBe(two);
    expect(openStack(two).folder).toBe(two);
  });
});
