import type { TerraformStack } from 'cdktf';
import { ImageSource, RbdImage, RbdSnapshot, RemovalPolicy } from '../../constructs';
import { CLONE_SNAPSHOT } from '../../lib/steps/rbd-image/clone';
import { blank, poolOf } from '../helpers/image-stacks';
import { codes, codesOf, synth } from '../helpers/synth';

describe('RbdSnapshot', () => {
  const snapshot = (props: object) => (stack: TerraformStack) => {
    const image = new RbdImage(stack, 'data', { pool: poolOf(stack), ...blank });
    new RbdSnapshot(stack, 'v1', { image, ...props });
  };

  it('takes its name from its id, is retained by default and waits for its image', () => {
    const { fields, entries, at } = synth(snapshot({}));
    expect(fields('terraform_data.v1_spec')).toEqual({ pool: 'vms', image: 'data', name: 'v1' });
    expect(entries('terraform_data.ceph_snapshots')['vms/data@v1'].removalPolicy).toBe('retain');
    expect(at('terraform_data.v1_spec').depends_on).toEqual([
      'terraform_data.ceph_snapshots',
      'terraform_data.data_spec_confirmed',
    ]);
  });

  it('hands every prop to the script', () => {
    const { fields, entries } = synth(snapshot({ snapshotName: 's', removalPolicy: RemovalPolicy.DELETE }));
    expect(fields('terraform_data.v1_spec').name).toBe('s');
    expect(entries('terraform_data.ceph_snapshots')['vms/data@s'].removalPolicy).toBe('delete');
  });

  it('fails for an invalid name and for TRASH in one error', () => {
    expect(codes(snapshot({ snapshotName: 'a@b', removalPolicy: RemovalPolicy.TRASH }))).toEqual([
      'snapshot-name-form',
      'snapshot-removal-policy',
    ]);
  });

  it('fails for the name of the snapshot that clones are made from', () => {
    expect(codes(snapshot({ snapshotName: CLONE_SNAPSHOT }))).toEqual(['snapshot-name-clones']);
    expect(codesOf(snapshot({ snapshotName: `${CLONE_SNAPSHOT}-1` }))).toEqual([]);
  });

  it('is a source for clones, which wait for it, and creates nothing when it is referenced by name', () => {
    const { fields, at } = synth((stack) => {
      const pool = poolOf(stack);
      const image = new RbdImage(stack, 'data', { pool, ...blank });
      const ours = new RbdSnapshot(stack, 'v1', { image });
      const theirs = RbdSnapshot.fromSnapshotName(stack, 'v0', { image, snapshotName: 'v0' });
      new RbdImage(stack, 'a', { pool, source: ImageSource.snapshot(ours) });
      new RbdImage(stack, 'b', { pool, source: ImageSource.snapshot(theirs, { flatten: true }) });
    });
    expect(fields('terraform_data.a_spec').source).toEqual({ snapshot: 'vms/data@v1' });
    expect(fields('terraform_data.b_spec').source).toEqual({ snapshot: 'vms/data@v0', flatten: true });
    expect(at('terraform_data.a_spec').depends_on).toContain('terraform_data.v1_spec_confirmed');
  });
});
