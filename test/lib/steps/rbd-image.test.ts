import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { bytesText, type RbdImageSpec } from '../../../lib/model';
import { rbdImage } from '../../../lib/steps/rbd-image';
import { creationChanges, creationOf, parseCreation } from '../../../lib/steps/rbd-image/creation-record';
import { judgeSize } from '../../../lib/steps/rbd-image/size';
import { creationOptions, creationParameters, rbdFilename } from '../../../lib/steps/rbd-image/import';
import { growthByHand, creationByHand } from '../../../lib/steps/rbd-image/runbook-creation';
import { Progress } from '../../../lib/steps/rbd-image/progress';
import { findSourceFile } from '../../../lib/steps/rbd-image/source-file';
import { isTemporaryOf, temporaryName } from '../../../lib/steps/rbd-image/temporary-name';

const owner = { project: 'shop', stack: 'prod', workspace: 'default' };
const spec: RbdImageSpec = {
  v: 1,
  owner,
  entryId: 'entry',
  cluster: { monitors: ['10.0.0.1'], transport: { type: 'local' } },
  pool: 'vms',
  name: 'web1-root',
  source: { blank: true },
  size: '20 GiB',
};
const GIB = 2 ** 30;
const info = { objectSize: 4 * 2 ** 20, features: ['layering', 'exclusive-lock'] };

describe('parseSpec', () => {
  test('takes a spec unchanged', () => {
    expect(rbdImage.parseSpec(JSON.parse(JSON.stringify(spec)))).toEqual(spec);
  });

  test.each([
    ['no source', { source: {} }, /exactly one of blank, file/],
    ['two sources', { source: { blank: true, file: 'a' } }, /exactly one of blank, file/],
    ['a size of 0', { size: '0 GiB' }, /'size'/],
    ['an RBD namespace', { name: 'ns/a' }, /'name'/],
    ['a name that is an option', { name: '--yes' }, /'name'/],
    ['a clone in an RBD namespace', { source: { clone: 'a/b/c' } }, /"pool\/image"/],
    ['a snapshot without its name', { source: { snapshot: 'a/b' } }, /"pool\/image@snapshot"/],
    ['a checksum of the wrong length', { source: { file: 'a', sha256: 'abc' } }, /sha256/],
    ['a format that is a protocol', { source: { file: 'a', format: 'nbd' } }, /format/],
    ['an address that is not of http', { source: { url: 'ftp://a/b' } }, /http/],
  ])('fails with %s', (_title, fields, message) => {
    expect(() => rbdImage.parseSpec({ ...spec, ...fields })).toThrow(message);
  });
});

describe('The size', () => {
  test('grows, stays, and never shrinks', () => {
    expect(judgeSize(spec, 10 * GIB)).toEqual({ ok: false, differs: 'its size is 10 GiB, not 20 GiB' });
    expect(judgeSize(spec, 20 * GIB)).toEqual({ ok: true });
    expect(judgeSize({ ...spec, size: undefined }, 7)).toEqual({ ok: true });
    expect(() => judgeSize(spec, 20 * GIB + 1)).toThrow(/21474836481 bytes.*20 GiB: images are never shrunk/);
  });
});

describe('The creation record of an image', () => {
  test('is the same however Terraform sorts its keys', () => {
    const source = { file: 'a.qcow2', sha256: 'f' };
    const recorded = creationOf({ ...spec, source: { sha256: 'f', file: 'a.qcow2' } }, '1');
    expect(creationChanges({ ...spec, source }, info, recorded)).toEqual([]);
  });

  test('is compared with the image, and for the source with the record', () => {
    const wanted = { ...spec, objectSize: '8 MiB', dataPool: 'ec', features: ['layering', 'journaling'] };
    const recorded = creationOf({ ...spec, source: { clone: 'a/b' } }, '1');
    const props = creationChanges(wanted, info, recorded).map(({ prop }) => prop);
    expect(props).toEqual(["'source'", "'objectSize'", "'dataPool'", "'features'"]);
  });

  test('is unknown for an image that only inherited the record', () => {
    expect(parseCreation(JSON.stringify(creationOf(spec, '2')), '1')).toBeUndefined();
    expect(parseCreation('no json', '1')).toBeUndefined();
    expect(parseCreation(JSON.stringify(creationOf(spec, '1')), '1')?.source).toEqual({ blank: true });
  });
});

describe('A temporary name', () => {
  test('is new each time, and identifies its image and owner', () => {
    const name = temporaryName(spec);
    expect(name).toMatch(/^web1-root\.cdktf-libvirt-ceph-[0-9a-f]{16}-[0-9a-f]{16}$/);
    expect(temporaryName(spec)).not.toBe(name);
    expect(isTemporaryOf(spec, name)).toBe(true);
    expect(isTemporaryOf({ ...spec, name: 'web1' }, name)).toBe(false);
    expect(isTemporaryOf({ ...spec, owner: { ...owner, stack: 'test' } }, name)).toBe(false);
    expect(isTemporaryOf(spec, 'web1-root')).toBe(false);
    expect(isTemporaryOf(spec, `${name}-old`)).toBe(false);
  });
});

test("QEMU's name of an image escapes what separates its options", () => {
  const cluster = { ...spec.cluster, adminId: 'adm', confFile: '/a:b/c=d@e\\f', keyringFile: '/k' };
  expect(rbdFilename(cluster, spec)).toBe('rbd:vms/web1-root:id=adm:conf=/a\\:b/c\\=d\\@e\\\\f:keyring=/k');
});

test('creation options are in bytes', () => {
  expect(creationParameters({ objectSize: '8 MiB', dataPool: 'ec' })).toEqual({
    objectSize: 8_388_608,
    dataPool: 'ec',
  });
  expect(creationOptions({ objectSize: '8 MiB', dataPool: 'ec', features: ['layering', 'object-map'] })).toEqual([
    ...['--object-size', '8388608B', '--data-pool', 'ec', '--image-feature', 'layering,object-map'],
  ]);
});

test('progress is printed at every tenth, for either tool', () => {
  const said: string[] = [];
  const progress = new Progress({ say: (line) => void said.push(line) }, 'importing');
  ['(1.00/100%)', '(12.34/100%)', '(13.00/100%)', 'Importing image: 55% complete...', '(100.00/100%)'].forEach((line) =>
    progress.line(line),
  );
  expect(said).toEqual(['importing: 10 %', 'importing: 50 %', 'importing: 100 %']);
});

test('bytes are printed with their unit', () => {
  expect([0, 512, 1536, 20 * GIB, 2 ** 51].map(bytesText)).toEqual([
    ...['0 bytes', '512 bytes', '1.50 KiB', '20 GiB', '2048 TiB'],
  ]);
});

test('an image file is looked up in the working folder, then next to the nearest cdktf.json above', () => {
  const project = mkdtempSync(join(tmpdir(), 'source-file-'));
  const work = join(project, 'cdktf.out', 'stacks', 's');
  mkdirSync(work, { recursive: true });
  writeFileSync(join(project, 'cdktf.json'), '{}');
  writeFileSync(join(project, 'a.img'), '');
  expect(findSourceFile('a.img', work)).toBe(join(project, 'a.img'));
  writeFileSync(join(work, 'a.img'), '');
  expect(findSourceFile('a.img', work)).toBe(join(work, 'a.img'));
  expect(() => findSourceFile('b.img', work)).toThrow(`'${join(work, 'b.img')}' and '${join(project, 'b.img')}'`);
  expect(() => findSourceFile('cdktf.out', project)).toThrow('is neither a file nor a block device');
});

describe('the lines that an administrator types', () => {
  const sha256 = 'A'.repeat(64);

  test('make a blank image, unless its data waits in the trash', () => {
    expect(creationByHand(spec)).toEqual([
      "# Its data may be in the trash, from where 'rbd trash restore' brings it back.",
      "rbd trash ls vms | awk '{print $2}' | absent web1-root",
      'rbd create --size 21474836480B vms/web1-root',
    ]);
    expect(growthByHand(spec)).toEqual([]);
  });

  test('check, convert and import a file, and give the image its size', () => {
    const file = { ...spec, source: { file: "it's.qcow2.xz", format: 'qcow2', sha256 } };
    const [raw, unpacked] = ['"${folder:?}"/web1-root.raw', '"${folder:?}"/web1-root.unpacked'];
    expect(creationByHand(file)).toEqual([
      `sha256sum <'it'\\''s.qcow2.xz' | grep -x '${'a'.repeat(64)}  -'`,
      `xz -dc <'it'\\''s.qcow2.xz' >${unpacked}`,
      '# An image that refers to other files would include their content.',
      `qemu-img info -f qcow2 ${unpacked} | sed -n -e '/^backing file/p' -e '/^data file/p' | empty`,
      `qemu-img convert -f qcow2 -O raw ${unpacked} ${raw}`,
      `rbd import --sparse-size 65536B --no-progress - vms/web1-root <${raw}`,
      `rm -f ${raw} ${unpacked}`,
    ]);
    expect(growthByHand(file)).toEqual([
      `[ "$(rbd info --format json vms/web1-root | sed 's/.*"size":\\([0-9]*\\).*/\\1/')" = 21474836480 ] || rbd resize --size 21474836480B vms/web1-root`,
    ]);
  });

  test('download with what an apply alone knows from a file that the administrator gives', () => {
    const source = { url: 'https://example.org/a.qcow2', checksumUrl: 'https://example.org/SHA512SUMS' };
    const fetch = { url: 'https://user:sekret@example.org/a.qcow2' };
    const lines = creationByHand({ ...spec, source, fetch });
    const curl = 'curl --fail --location --config "${curl_config:?}" --output';
    expect(lines.slice(0, 4)).toEqual([
      ': "${curl_config:?a file for curl with the user, query or headers of the download}"',
      `${curl} "\${folder:?}"/a.qcow2 https://example.org/a.qcow2`,
      `${curl} "\${folder:?}"/checksums https://example.org/SHA512SUMS`,
      '(cd "$folder" && sha512sum --check --ignore-missing checksums)',
    ]);
    expect(lines.join()).not.toContain('sekret');
  });

  test('clone from the one snapshot of a parent, made with its first clone', () => {
    expect(creationByHand({ ...spec, source: { clone: 'images/debian', flatten: true } })).toEqual([
      'rbd info images/debian@cdktf-libvirt-ceph >/dev/null 2>&1 || rbd snap create --no-progress images/debian@cdktf-libvirt-ceph',
      'rbd clone --rbd-default-clone-format 2 images/debian@cdktf-libvirt-ceph vms/web1-root',
      'rbd flatten --no-progress vms/web1-root',
    ]);
  });
});
