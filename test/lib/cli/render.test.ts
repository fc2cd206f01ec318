import { idsOf, userOf } from '../../../lib/cli/outdated-keys';
import type { Objects } from '../../../lib/cli/stack-objects';
import { expressionOf } from '../../../lib/cli/terraform-stack';
import { table } from '../../../lib/cli/table';
import { parseTrash } from '../../../lib/cli/trash';
import { trashPoolsOf } from '../../../lib/cli/trash-pools';
import { renderVerified } from '../../../lib/cli/verify';
import { parseXml } from '../../../lib/render/xml';

const CLUSTER = { monitors: ['10.0.0.11'], transport: { type: 'local' } } as const;
const DOMAIN = parseXml(`<domain><devices>
  <disk type='network' device='disk'><source protocol='rbd' name='vms/root'/><auth username='web'/><target dev='vda'/></disk>
  <disk type='network' device='disk'><source protocol='rbd' name='vms/data'><auth username='web'/></source><target dev='vdb'/></disk>
  <disk type='file' device='disk'><source file='/srv/x.img'/><target dev='vdc'/></disk>
</devices></domain>`);

test('columns are as wide as their widest cell, and lines end without spaces', () => {
  expect(table(['A', 'BB'], [['long', 'x'], ['y']])).toEqual(['A     BB', 'long  x', 'y']);
  expect(table(['A'], [])).toEqual([]);
});

describe('The trash', () => {
  const owner = { project: 'shop', stack: 'prod', workspace: 'default' };
  const mark = (id: string): string => JSON.stringify({ v: 1, owner, id, entryId: 't' });
  const entry = (id: string): object => ({ id, name: `n-${id}`, source: 'USER', status: 'expired at X' });

  test('shows what our removals put there, but neither other images nor a mark that names another image', () => {
    const marks = {
      'cdktf-libvirt-ceph/trash/vms/1a': mark('1a'),
      'cdktf-libvirt-ceph/trash/vms/2b': mark('9z'),
      'cdktf-libvirt-ceph/trash/vms/4d': mark('4d'),
    };
    const listed = JSON.stringify([entry('1a'), entry('2b'), entry('3c')]);
    expect(parseTrash(listed, JSON.stringify(marks), 'vms')).toEqual([
      {
        pool: 'vms',
        id: '1a',
        name: 'n-1a',
        owner: "project 'shop', stack 'prod', workspace 'default'",
        status: 'expired at X',
      },
    ]);
    expect(parseTrash('', '', 'vms')).toEqual([]);
  });
});

describe('The list of clients', () => {
  const vm = { name: 'web1', host: 'qemu:///system', ids: ['web'], started: '2030-01-01T10:00:00.000Z' };

  test.each([
    ['a VM that started before the key was made has to restart', vm, '2030-01-01T10:00:01.000Z', true],
    ['a VM that started after it has not', vm, '2030-01-01T09:59:59.000Z', false],
    ['a key that was never made anew asks for nothing', vm, undefined, false],
    ['a VM whose start cannot be read is not known', { ...vm, started: undefined }, '2030-01-01T10:00:01Z', undefined],
  ])('%s', (_, running, since, outdated) => {
    expect(userOf(running, since).outdated).toBe(outdated);
  });

  test('knows clients by the cephx IDs of the RBD disks', () => {
    expect(idsOf(DOMAIN)).toEqual(['web']);
  });
});

test('verify prints a line for each difference and for each object that could not be checked, and a total', () => {
  const about = (name: string) => ({
    notes: [],
    address: `terraform_data.${name}_spec`,
    kind: 'domain',
    title: `VM '${name}'`,
  });
  const differs = [{ step: 'define it', differs: 'memory is 1 GiB, not 2 GiB' }];
  expect(
    renderVerified([
      { ...about('a'), ok: true, differs: [] },
      { ...about('b'), ok: false, differs },
      { ...about('c'), ok: false, differs: [], error: "VM 'c': host down" },
    ]),
  ).toEqual([
    "terraform_data.b_spec: VM 'b': memory is 1 GiB, not 2 GiB",
    "terraform_data.c_spec: VM 'c': host down",
    '3 objects, 2 differ',
  ]);
});

describe('The pools whose trash is searched', () => {
  const other = { ...CLUSTER, monitors: ['10.0.1.11'] };
  const objects = {
    applied: [
      { kind: 'domain', spec: { cluster: CLUSTER, disks: { vda: { image: 'vms/root' }, vdb: { image: 'fast/db' } } } },
      { kind: 'rbd-image', spec: { cluster: CLUSTER, pool: 'vms' } },
      { kind: 'storage-pool', spec: { cephPool: 'vms' } },
    ],
    missing: [{ kind: 'ceph-client', context: { cluster: other } }, { kind: 'client-config' }],
  } as unknown as Objects;

  test('are those of the applied images and VMs', () => {
    expect(
      trashPoolsOf(objects, undefined)
        .map(({ pool }) => pool)
        .sort(),
    ).toEqual(['fast', 'vms']);
  });

  test('are only the named one, in each cluster of the state and of the configuration', () => {
    expect(trashPoolsOf(objects, 'gone')).toEqual([
      { cluster: CLUSTER, pool: 'gone' },
      { cluster: other, pool: 'gone' },
    ]);
  });
});

test('a piece of the configuration becomes a Terraform expression, with its code unchanged', () => {
  const json = { a: '${lookup(var.a, "b")}', text: 'say "$${no}"', n: [1, true] };
  expect(expressionOf(json)).toBe('{"a":"${lookup(var.a, "b")}","text":"say \\"$${no}\\"","n":[1,true]}');
});
