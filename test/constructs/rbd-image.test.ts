import { TerraformVariable } from 'cdktf';
import { CephPool, Duration, ImageSource, RbdImage, RemovalPolicy, Size } from '../../constructs';
import { blank, poolOf, withProps } from '../helpers/image-stacks';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const SHA256 = 'a1'.repeat(32);

describe('RbdImage', () => {
  it('is blank, takes its name from its id and goes to the trash for 30 days by default', () => {
    const { fields, entries, context, at } = synth(withProps(blank));
    expect(fields('terraform_data.data_spec')).toEqual({
      pool: 'vms',
      name: 'data',
      source: { blank: true },
      size: '20 GiB',
    });
    expect(context('terraform_data.data_spec').users).toEqual([]);
    expect(entries('terraform_data.ceph_images')['vms/data']).toMatchObject({
      pool: 'vms',
      name: 'data',
      removalPolicy: 'trash',
      trashExpiry: '30 days',
    });
    expect(at('terraform_data.data_spec').depends_on).toEqual([
      'terraform_data.ceph_images',
      'terraform_data.vms_spec_confirmed',
    ]);
  });

  it('passes every prop to the script, and waits for its data pool', () => {
    const { fields, entries, at } = synth((stack) => {
      const pool = poolOf(stack);
      new RbdImage(stack, 'data', {
        pool,
        imageName: 'db',
        source: ImageSource.url('https://x.test/a.qcow2', { sha256: SHA256, sha512: 'b2'.repeat(64), format: 'qcow2' }),
        size: Size.tebibytes(1),
        dataPool: new CephPool(stack, 'ec', { cluster: pool.cluster }),
        objectSize: Size.mebibytes(8),
        features: ['layering', 'exclusive-lock'],
        adopt: true,
        removalPolicy: RemovalPolicy.TRASH,
        trashExpiry: Duration.days(7),
      });
    });
    expect(fields('terraform_data.data_spec')).toEqual({
      pool: 'vms',
      name: 'db',
      source: { url: 'https://x.test/a.qcow2', sha256: SHA256, sha512: 'b2'.repeat(64), format: 'qcow2' },
      size: '1 TiB',
      dataPool: 'ec',
      objectSize: '8 MiB',
      features: ['layering', 'exclusive-lock'],
      adopt: true,
    });
    expect(entries('terraform_data.ceph_images')['vms/db']).toMatchObject({
      removalPolicy: 'trash',
      trashExpiry: '7 days',
    });
    expect(at('terraform_data.data_spec').depends_on).toContain('terraform_data.ec_spec_confirmed');
  });

  it("shows a removed 'adopt' as a change of the registry entry's policy, and keeps a policy that is given", () => {
    const entry = (props: object) =>
      synth(withProps({ ...blank, ...props })).entries('terraform_data.ceph_images')['vms/data'];
    expect(entry({})).toEqual({ ...entry({ adopt: true }), removalPolicy: 'trash', trashExpiry: '30 days' });
    const removalPolicy = RemovalPolicy.RETAIN;
    expect(entry({ removalPolicy })).toEqual(entry({ adopt: true, removalPolicy }));
  });

  it('is retained by default when it is adopted, and has an expiry only with TRASH', () => {
    const adopted = synth(withProps({ ...blank, adopt: true })).entries('terraform_data.ceph_images')['vms/data'];
    expect(adopted.removalPolicy).toBe('retain');
    expect(adopted).not.toHaveProperty('trashExpiry');
    expect(codes(withProps({ ...blank, adopt: true, trashExpiry: Duration.days(1) }))).toEqual(['trash-expiry-policy']);
    expect(codes(withProps({ ...blank, removalPolicy: RemovalPolicy.DELETE, trashExpiry: Duration.days(1) }))).toEqual([
      'trash-expiry-policy',
    ]);
  });

  it('fails when it is blank and has no size', () => {
    expect(refusal(withProps({})).message).toContain("'size' must be given for a blank image, got none");
  });

  it('fails for size 0, and takes the smallest and the largest size', () => {
    expect(codes(withProps({ size: Size.gibibytes(0) }))).toEqual(['size-range']);
    expect(codes(withProps({ size: Size.bytes(0.5) }))).toEqual(['size-range']);
    expect(codesOf(withProps({ size: Size.bytes(1) }))).toEqual([]);
    expect(codesOf(withProps({ size: Size.tebibytes(8191) }))).toEqual([]);
  });

  it('takes object sizes that are powers of two from 4 KiB to 32 MiB, and fails for any other', () => {
    const sized = (objectSize: Size): string[] => codesOf(withProps({ ...blank, objectSize }));
    expect([Size.kibibytes(4), Size.mebibytes(4), Size.mebibytes(32)].flatMap(sized)).toEqual([]);
    expect([Size.kibibytes(2), Size.kibibytes(5000), Size.mebibytes(64)].map(sized)).toEqual([
      ['object-size'],
      ['object-size'],
      ['object-size'],
    ]);
  });

  it.each(["a'b", 'a"b', '$(id)', 'a\nb', '', '@', 'a b', '-x'])('fails for the name %j', (imageName) => {
    expect(codes(withProps({ ...blank, imageName }))).toEqual(['image-name-form']);
  });

  it('fails for an RBD namespace, which libvirt cannot open', () => {
    expect(codes(withProps({ ...blank, imageName: 'ns/data' }))).toEqual(['image-namespace']);
  });

  it('fails for features that RBD does not have', () => {
    expect(refusal(withProps({ ...blank, features: ['layering', 'magic'] })).message).toContain('got magic; remove it');
  });

  it('skips every rule for variables', () => {
    const { fields, entries } = synth((stack) => {
      const text = new TerraformVariable(stack, 'text', { type: 'string' }).stringValue;
      const count = new TerraformVariable(stack, 'count', { type: 'number' }).numberValue;
      withProps({
        imageName: text,
        source: ImageSource.file(text, { sha256: text, sha512: text, format: text }),
        size: Size.gibibytes(count),
        objectSize: Size.mebibytes(count),
        features: [text],
        trashExpiry: Duration.days(count),
      })(stack);
    });
    expect(fields('terraform_data.data_spec')).toMatchObject({
      name: '${var.text}',
      source: { file: '${var.text}', sha256: '${var.text}' },
      size: '${var.count} GiB',
      objectSize: '${var.count} MiB',
      features: ['${var.text}'],
    });
    expect(entries('terraform_data.ceph_images')['vms/${var.text}'].trashExpiry).toBe('${var.count} days');
  });

  it('fails with both faults when there are two', () => {
    expect(codes(withProps({ size: Size.bytes(0), objectSize: Size.bytes(1) }))).toEqual(['size-range', 'object-size']);
  });

  it('fails when two constructs claim the same image', () => {
    const { code, message } = refusal((stack) => {
      const pool = poolOf(stack);
      new RbdImage(stack, 'a', { pool, imageName: 'x', ...blank });
      new RbdImage(stack, 'b', { pool, imageName: 'x', ...blank });
    });
    expect(code).toBe('claimed-twice');
    expect(message).toContain("the image 'vms/x' of 10.0.0.11,10.0.0.12:6789 already belongs to 'stack/a'");
  });

  it('creates nothing when it is referenced by name, has a spec, and fails for an invalid name', () => {
    const { addresses } = synth((stack) => {
      const image = RbdImage.fromImageName(stack, 'x', { pool: poolOf(stack), imageName: 'golden' });
      expect(image.spec).toBe('vms/golden');
    });
    expect(addresses).not.toContain('terraform_data.x');
    expect(codes((stack) => RbdImage.fromImageName(stack, 'x', { pool: poolOf(stack), imageName: 'a b' }))).toEqual([
      'image-name-form',
    ]);
  });
});
