import { TerraformVariable, type TerraformStack } from 'cdktf';
import {
  CephPool,
  Duration,
  ImageSource,
  RbdImage,
  RbdSnapshot,
  RemovalPolicy,
  Size,
  type RbdImageProps,
} from '../../constructs';
import { CLONE_SNAPSHOT } from '../../lib/steps/rbd-image/clone';
import { clusterOf } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const poolOf = (stack: TerraformStack, id = 'vms'): CephPool => new CephPool(stack, id, { cluster: clusterOf(stack) });
const withProps = (props: Partial<RbdImageProps>) => (stack: TerraformStack) =>
  void new RbdImage(stack, 'data', { pool: poolOf(stack), ...props });
const blank = { size: Size.gibibytes(20) };
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

  it.each([
    ['sha256', { sha256: 'A1'.repeat(32) }],
    ['sha256', { sha256: 'a1' }],
    ['sha512', { sha512: SHA256 }],
    ['format', { format: 'a b' }],
  ])('fails for a malformed %s', (prop, options) => {
    expect(codes(withProps({ source: ImageSource.file('a.img', options) }))).toEqual([`source-${prop}`]);
  });

  it.each(['ftp://x/y', 'x', 'https://', '/etc/passwd', 'http://u:cr/et@x/y'])('fails for the url %j', (url) => {
    expect(codes(withProps({ source: ImageSource.url(url, {}) }))).toEqual(['source-url']);
    const checksumUrl = codes(withProps({ source: ImageSource.url('http://x/y', { checksumUrl: url }) }));
    expect(checksumUrl).toEqual(['source-checksum-url']);
  });

  it('fails for an invalid url without printing its password or query', () => {
    for (const url of ['http://u:cr/et@x/y', 'ftp://u:cret@x/y?token=cret', 'http://u:cret@x/a\0b'])
      expect(refusal(withProps({ source: ImageSource.url(url, {}) })).message).not.toMatch(/cr\/?et/);
  });

  it('shows a url without user, password and query, which only the script receives', () => {
    const url = 'https://us:cret@x.test/a.qcow2?token=t';
    const { fields, context } = synth(
      withProps({ source: ImageSource.url(url, { checksumUrl: `${url}#2`, sha256: SHA256 }) }),
    );
    const plain = 'https://x.test/a.qcow2';
    expect(fields('terraform_data.data_spec').source).toEqual({ url: plain, checksumUrl: plain, sha256: SHA256 });
    expect(context('terraform_data.data_spec').fetch).toEqual({ url, checksumUrl: `${url}#2` });
  });

  it('gives the headers of a request to the script alone', () => {
    const { at, text } = synth((stack) => {
      const token = new TerraformVariable(stack, 'token', { type: 'string', sensitive: true });
      token.addOverride('ephemeral', true);
      const headers = { Authorization: `Bearer ${token.stringValue}`, 'X-Team': 'a"${b}' };
      withProps({ source: ImageSource.url('https://x.test/a.qcow2', { headers }) })(stack);
    });
    const given = '{ "Authorization" = join("", ["Bearer ", var.token]), "X-Team" = "a\\"$${b}" }';
    const scripts = ['data_spec', 'data_spec_confirmed'].map((name) => JSON.stringify(at(`terraform_data.${name}`)));
    for (const script of scripts) expect(script).toContain(JSON.stringify(`{ fetchHeaders = ${given} }`).slice(1, -1));
    expect(text.split('var.token')).toHaveLength(3);
    expect(at('terraform_data.data_spec').triggers_replace.source).toEqual({ url: 'https://x.test/a.qcow2' });
  });

  it('fails for headers that cannot be sent, without printing their values', () => {
    const refused = (headers: { [name: string]: string }) =>
      refusal(withProps({ source: ImageSource.url('https://x.test/a', { headers }) })).message;
    expect(refused({ 'X Team': 'a', Range: 'bytes=0-', 'X-Note': 'cret\n' })).toMatch(
      /valid header names, got "X Team"[^]*sets itself, got "Range"[^]*others for "X-Note"/,
    );
    expect(refused({ 'X-Note': 'cr\u00e9t' })).not.toMatch(/cr.t/);
  });

  it('does not judge what a variable in a url may contain', () => {
    const { fields, context } = synth((stack) => {
      const text = new TerraformVariable(stack, 'text', { type: 'string' }).stringValue;
      withProps({
        source: ImageSource.url(`https://u:${text}@x/${text}/"a?t=${text}`, { checksumUrl: `http://x?${text}` }),
      })(stack);
    });
    expect(fields('terraform_data.data_spec').source).toEqual({
      url: '${replace(replace(join("", ["https://x/", var.text, "/\\"a"]), "/[?#].*$/", ""), "/^(https?:[/][/])[^/]*@/", "$1")}',
      checksumUrl: '${replace(replace("http://x", "/[?#].*$/", ""), "/^(https?:[/][/])[^/]*@/", "$1")}',
    });
    expect(context('terraform_data.data_spec').fetch).toEqual({
      url: 'https://u:${var.text}@x/${var.text}/"a?t=${var.text}',
      checksumUrl: 'http://x?${var.text}',
    });
  });

  it.each(['', 'a\0b', 'e\u0301'])('fails for the path %j', (path) => {
    expect(codes(withProps({ source: ImageSource.file(path) }))).toEqual(['source-path']);
  });

  it('keeps the path as given, and keeps the file out of the stack', () => {
    const { fields, text } = synth(withProps({ source: ImageSource.file("../it's ${HOME}.img") }));
    expect(fields('terraform_data.data_spec').source).toEqual({ file: "../it's $${HOME}.img" });
    expect(text).not.toContain(process.cwd());
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

describe('A clone', () => {
  const cloned = (parent: Partial<RbdImageProps>, child: Size | undefined) => (stack: TerraformStack) => {
    const pool = poolOf(stack);
    const golden = new RbdImage(stack, 'golden', { pool, ...parent });
    const between = new RbdImage(stack, 'between', { pool, source: ImageSource.clone(golden) });
    new RbdImage(stack, 'data', { pool, source: ImageSource.clone(between, { flatten: true }), size: child });
  };

  it('names its parent by spec and waits for it', () => {
    const { fields, at } = synth(cloned(blank, Size.gibibytes(30)));
    expect(fields('terraform_data.data_spec').source).toEqual({ clone: 'vms/between', flatten: true });
    expect(at('terraform_data.data_spec').depends_on).toContain('terraform_data.between_spec_confirmed');
  });

  it('is at least as large as its parent, also through a parent without a size of its own', () => {
    expect(codesOf(cloned(blank, Size.gibibytes(20)))).toEqual([]);
    expect(codesOf(cloned(blank, undefined))).toEqual([]);
    const { code, message } = refusal(cloned(blank, Size.mebibytes(20 * 1024 - 1)));
    expect(code).toBe('image-smaller-than-parent');
    expect(message).toContain(
      "'size' must be at least that of the parent 'vms/between', 20 GiB, got 20479 MiB; use 20 GiB or more",
    );
  });

  it('is not judged when the size of its parent is unknown', () => {
    expect(codesOf(cloned({ source: ImageSource.file('a.img') }, Size.bytes(1)))).toEqual([]);
  });
});

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
