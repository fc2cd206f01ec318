import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Stack } from '../../../lib/cli/terraform-stack';
import { wantedObjects } from '../../../lib/cli/wanted-objects';
import type { CephPoolSpec } from '../../../lib/model';
import type { Tools } from '../../../lib/steps/tools';

const OWNER = { project: 'shop', stack: 'prod', workspace: '${terraform.workspace}' };
const LOCAL = { v: 1, owner: OWNER, cluster: { monitors: ['10.0.0.11'], transport: { type: 'local' } } };
const ENTRY = { entryId: '${terraform_data.ceph_pools["vms"].id}' };

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'clc-'))));
afterEach(() => rmSync(folder, { recursive: true }));

function stackOf(fields: object, local: object = LOCAL): Stack {
  const command = 'node ${path.module}/assets/ab/exec.cjs ceph-pool ensure';
  const vms_spec = { provisioner: [{ 'local-exec': { command } }], triggers_replace: { ...ENTRY, ...fields } };
  return {
    folder,
    variables: [],
    synthesized: { locals: { spec_vms: local }, resource: { terraform_data: { vms_spec } } },
  };
}

/** A `terraform console` that answers with one value; anything else fails. */
function consoleWith(value?: object): { readonly tools: Tools; readonly asked: string[] } {
  const asked: string[] = [];
  const attempt: Tools['attempt'] = (_, { input = '' } = {}) => {
    asked.push(input);
    const shown = value === undefined ? '(known after apply)' : Buffer.from(JSON.stringify(value)).toString('base64');
    return Promise.resolve({ exitCode: 0, stdout: `[\n  ${shown},\n]\n`, stderr: '' });
  };
  return { tools: { attempt } as Partial<Tools> as Tools, asked };
}

describe('The objects that a synthesized stack wants', () => {
  test('are read without Terraform when its text has all values, even before any plan', async () => {
    const { tools, asked } = consoleWith();
    const { objects, unknown } = await wantedObjects(
      stackOf({ name: 'vms' }, { ...LOCAL, cluster: { ...LOCAL.cluster, confFile: '/etc/$${b}' } }),
      tools,
    );
    expect(unknown).toEqual([]);
    expect(objects).toMatchObject([
      { name: 'vms', kind: 'ceph-pool', spec: { name: 'vms', cluster: { confFile: '/etc/${b}' } } },
    ]);
    expect((objects[0]?.spec as CephPoolSpec).owner.workspace).toBe('default');
    expect(asked).toEqual([]);
  });

  test('belong to the workspace that Terraform has selected', async () => {
    mkdirSync(join(folder, '.terraform'));
    writeFileSync(join(folder, '.terraform/environment'), 'staging');
    const { objects } = await wantedObjects(stackOf({ name: 'vms' }), consoleWith().tools);
    expect((objects[0]?.spec as CephPoolSpec).owner.workspace).toBe('staging');
  });

  test('are evaluated by Terraform when they use variables', async () => {
    const { tools, asked } = consoleWith({ ...LOCAL, owner: { ...OWNER, workspace: 'default' }, name: 'from-var' });
    const { objects } = await wantedObjects(stackOf({ name: '${var.pool}' }), tools);
    expect(objects).toMatchObject([{ spec: { name: 'from-var' } }]);
    expect(asked).toEqual([expect.stringContaining('"name":"${var.pool}"')]);
    expect(asked[0]).not.toContain('terraform_data');
  });

  test('are named when only an apply can determine them', async () => {
    const { objects, unknown } = await wantedObjects(
      stackOf({ name: '${terraform_data.x.output}' }),
      consoleWith().tools,
    );
    expect({ objects, unknown }).toEqual({ objects: [], unknown: ['vms'] });
  });
});
