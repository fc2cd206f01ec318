import { TerraformVariable, type TerraformStack } from 'cdktf';
import { CephClient, CephPool, PgAutoscaleMode, RemovalPolicy, type CephPoolProps } from '../../constructs';
import { clusterOf } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const withProps = (props: Partial<CephPoolProps>) => (stack: TerraformStack) =>
  void new CephPool(stack, 'vms', { cluster: clusterOf(stack), ...props });

describe('CephPool', () => {
  it('takes its name from its id, leaves everything else to Ceph and is retained by default', () => {
    const { fields, entries, at } = synth(withProps({}));
    expect(fields('terraform_data.vms_spec')).toEqual({ name: 'vms' });
    expect(at('terraform_data.vms_spec').triggers_replace.entryId).toBe('${terraform_data.ceph_pools["vms"].id}');
    expect(at('terraform_data.vms_spec').depends_on).toEqual(['terraform_data.ceph_pools']);
    expect(entries('terraform_data.ceph_pools').vms).toMatchObject({ v: 1, name: 'vms', removalPolicy: 'retain' });
  });

  it('hands every prop to the script', () => {
    const props = { pgNum: 128, bulk: true, size: 3, minSize: 2, crushRule: 'ssd', adopt: true };
    const { fields, entries } = synth(
      withProps({
        ...props,
        poolName: 'libvirt-pool',
        autoscaleMode: PgAutoscaleMode.WARN,
        removalPolicy: RemovalPolicy.DELETE,
      }),
    );
    expect(fields('terraform_data.vms_spec')).toEqual({ ...props, name: 'libvirt-pool', autoscaleMode: 'warn' });
    expect(entries('terraform_data.ceph_pools')['libvirt-pool'].removalPolicy).toBe('delete');
  });

  it.each<[keyof CephPoolProps, number, number]>([
    ['pgNum', 1, 65_536],
    ['size', 1, 10],
    ['minSize', 1, 10],
  ])('takes %s from %d to %d and fails outside that range', (prop, min, max) => {
    expect(codesOf(withProps({ [prop]: min }))).toEqual([]);
    expect(codesOf(withProps({ [prop]: max }))).toEqual([]);
    expect(codes(withProps({ [prop]: min - 1 }))).toHaveLength(1);
    expect(codes(withProps({ [prop]: max + 1 }))).toHaveLength(1);
    expect(codes(withProps({ [prop]: 1.5 }))).toHaveLength(1);
  });

  it('fails when minSize is greater than size', () => {
    expect(codesOf(withProps({ size: 2, minSize: 2 }))).toEqual([]);
    expect(refusal(withProps({ size: 2, minSize: 3 })).message).toContain(
      "'minSize' must be a whole number from 1 to 2, got 3",
    );
  });

  it('takes variables for names and numbers', () => {
    const { fields, entries } = synth((stack) => {
      const name = new TerraformVariable(stack, 'name', { type: 'string' });
      const count = new TerraformVariable(stack, 'count', { type: 'number' });
      const numbers = { pgNum: count.numberValue, size: count.numberValue, minSize: count.numberValue };
      withProps({ ...numbers, poolName: name.stringValue, crushRule: name.stringValue })(stack);
    });
    const count = '${var.count}';
    expect(fields('terraform_data.vms_spec')).toEqual({
      name: '${var.name}',
      crushRule: '${var.name}',
      pgNum: count,
      size: count,
      minSize: count,
    });
    expect(Object.keys(entries('terraform_data.ceph_pools'))).toEqual(['${var.name}']);
  });

  it.each(["a'b", 'a"b', '$(id)', 'a\nb', '${x}', '', 'a/b', 'a b'])('fails for the name %j', (poolName) => {
    expect(codes(withProps({ poolName }))).toEqual(['pool-name-form']);
    expect(codes(withProps({ crushRule: poolName }))).toEqual(['crush-rule-form']);
  });

  it('fails with both faults when there are two, each with prop, rule, value and fix', () => {
    const { violations } = refusal(withProps({ pgNum: 0, removalPolicy: RemovalPolicy.TRASH }));
    expect(violations).toEqual([
      {
        code: 'pg-num-range',
        path: 'stack/vms',
        message: "'pgNum' must be a whole number from 1 to 65536, got 0; omit it for the autoscaler",
      },
      {
        code: 'pool-removal-policy',
        path: 'stack/vms',
        message: "'removalPolicy' of a pool must be RETAIN or DELETE, got TRASH, which is only for images; use RETAIN",
      },
    ]);
  });

  it('fails when two constructs claim the same pool, also through two constructs for one cluster', () => {
    const { code, message } = refusal((stack) => {
      const cluster = clusterOf(stack);
      new CephPool(stack, 'a', { cluster, poolName: 'vms' });
      new CephPool(stack, 'b', { cluster: clusterOf(stack, {}, 'same'), poolName: 'vms' });
    });
    expect(code).toBe('claimed-twice');
    expect(message).toContain("stack/b: the pool 'vms' of 10.0.0.11,10.0.0.12:6789 already belongs to 'stack/a'");
  });

  it('takes the same name on two clusters', () => {
    expect(
      codesOf((stack) => {
        new CephPool(stack, 'a', { cluster: clusterOf(stack), poolName: 'vms' });
        new CephPool(stack, 'b', { cluster: clusterOf(stack, { monitors: ['other'] }, 'other'), poolName: 'vms' });
      }),
    ).toEqual([]);
  });

  it('creates nothing when it is referenced by name, but still grants access', () => {
    const { addresses, fields } = synth((stack) => {
      const cluster = clusterOf(stack);
      const client = new CephClient(stack, 'libvirt', { cluster });
      CephPool.fromPoolName(stack, 'images', { cluster, poolName: 'golden' }).grantReadOnly(client);
    });
    expect(addresses).not.toContain('terraform_data.images_spec');
    expect(fields('terraform_data.libvirt_spec').caps.osd).toBe('profile rbd-read-only pool=golden');
  });

  it('fails when it is referenced by an invalid name', () => {
    expect(codes((stack) => CephPool.fromPoolName(stack, 'x', { cluster: clusterOf(stack), poolName: 'a/b' }))).toEqual(
      ['pool-name-form'],
    );
  });
});
