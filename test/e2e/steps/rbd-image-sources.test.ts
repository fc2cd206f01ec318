import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { execa } from 'execa';
import { clusterSpec, runScript } from '../../helpers/lab';
import { MIB, scratchFolders, sha256Of, useImagePool } from '../../helpers/rbd';
import { pathWithTool } from '../../helpers/shim';
import { until } from '../../helpers/until';

const images = useImagePool('img-sources');
/** 48 MiB, 4 of them data. */
const raw = join(images.folder, 'disk.raw');
const FORMATS = ['raw', 'qcow2', 'vmdk', 'vhdx'] as const;
const inFormat = (format: string): string => join(images.folder, `disk.${format}`);

let digest: string;
beforeAll(async () => {
  writeFileSync(raw, randomBytes(4 * MIB));
  truncateSync(raw, 48 * MIB);
  digest = sha256Of(raw);
  for (const format of FORMATS.slice(1)) await execa('qemu-img', ['convert', '-O', format, raw, inFormat(format)]);
});
afterEach(() => {
  expect(scratchFolders()).toEqual([]);
});
afterEach(async () => {
  const temporary = (await images.names()).filter((name) => name.includes('.cdktf-libvirt-ceph-'));
  expect(temporary).toEqual([]);
});

describe.each(FORMATS)('A file in the format %s', (format) => {
  test('becomes raw in RBD, and sparse stays sparse', async () => {
    const name = `local-${format}`;
    const said = await images.ensure(images.spec(name, { source: { file: inFormat(format) } }));
    expect(said).toMatch(/importing 'img-sources\/local-\w+': \d+ %/);
    expect((await images.info(name)).size).toBe(48 * MIB);
    expect(await images.digest(name)).toBe(digest);
    expect(await images.used(name)).toBeLessThanOrEqual(8 * MIB);
  });

  test('is streamed when the commands run elsewhere', async () => {
    const name = `streamed-${format}`;
    const cluster = { ...clusterSpec(images.lab()), transport: { type: 'command', prefix: ['env'] } };
    const spec = images.spec(name, { cluster, source: { file: inFormat(format) }, size: '64 MiB' });
    expect(await images.ensure(spec)).toContain(`streaming into 'img-sources/${name}': 100 %`);
    expect((await images.info(name)).size).toBe(64 * MIB);
    await images.rbd('resize', `img-sources/${name}`, '--size', '48M', '--allow-shrink', '--no-progress');
    expect(await images.digest(name)).toBe(digest);
    expect(await images.used(name)).toBeLessThanOrEqual(8 * MIB);
  });
});

describe('A file', () => {
  test("is looked up from the working folder, then next to the nearest cdktf.json above it, and 'format' wins", async () => {
    const spec = images.spec('beside', { source: { file: 'disk.qcow2', format: 'raw' } });
    const project = images.folder;
    writeFileSync(join(project, 'cdktf.json'), '{}');
    const work = join(project, 'cdktf.out', 'stacks', 's');
    mkdirSync(work, { recursive: true });
    await images.ensureIn(work, spec);
    const { size } = await images.info('beside');
    expect(size).toBe(readFileSync(inFormat('qcow2')).length);
    const said = await images.refusedIn(work, images.spec('absent', { source: { file: 'absent.img' } }));
    expect(said).toContain(`looked for '${join(work, 'absent.img')}' and '${join(project, 'absent.img')}'`);
  });

  test('grows to a larger size, and fails when it exceeds the size', async () => {
    await images.ensure(images.spec('grown', { source: { file: inFormat('qcow2') }, size: '80 MiB' }));
    expect((await images.info('grown')).size).toBe(80 * MIB);
    const small = images.spec('small', { source: { file: inFormat('qcow2') }, size: '20 MiB' });
    expect(await images.refused('ensure', small)).toContain('its size is 20 MiB, but the content of');
    expect(await images.names()).not.toContain('small');
  });

  test.each([
    ['is a text', 'hello', 'its size, 5 bytes, is not'],
    ['is empty', '', 'its size, 0 bytes, is not'],
    ['is a page', `<!DOCTYPE html>${' '.repeat(497)}`, 'it is an HTML page'],
  ])('fails when it %s, and leaves nothing behind', async (_title, content, reason) => {
    const file = join(images.folder, 'no-image');
    writeFileSync(file, content);
    expect(await images.refused('ensure', images.spec('bad', { source: { file } }))).toContain(
      `'${file}' is not a disk: ${reason}`,
    );
    expect(await images.names()).not.toContain('bad');
  });

  test('fails when it is not in its declared format', async () => {
    const spec = images.spec('bad', { source: { file: raw, format: 'qcow2' } });
    expect(await images.refused('ensure', spec)).toContain(`'${raw}' is not a disk: Image is not in qcow2 format;`);
  });

  test.each([
    ['tar', ['tar', '-cf'], 'it is a tar archive, as an OVA is; unpack it'],
    ['tar.xz', ['tar', '-cJf'], 'it is a tar archive, as an OVA is; unpack it'],
    ['cpio', ['sh', '-c', 'echo "$1" | cpio --quiet -H newc -o > "$0"'], 'it is a cpio archive'],
  ])('fails when it is an archive (%s), and names no disk after it', async (suffix, archive, reason) => {
    const file = join(images.folder, `disk.${suffix}`);
    await execa(archive[0] as string, [...archive.slice(1), file, 'disk.qcow2'], { cwd: images.folder });
    const said = await images.refused('ensure', images.spec('bad', { source: { file } }));
    expect(said).toBe(
      `error[file-no-image]: image 'img-sources/bad': create it: the file '${file}' is not a disk: ${said.split('a disk: ')[1]}`,
    );
    expect(said).toContain(reason);
    expect(await images.names()).not.toContain('bad');
  });

  test.each([
    [
      'qcow2',
      ['-o', 'encrypt.format=luks,encrypt.key-secret=s'],
      'luks',
      'driver=qcow2,file.filename=FILE,encrypt.key-secret=s',
    ],
    ['luks', ['-o', 'key-secret=s'], 'luks', 'driver=luks,file.filename=FILE,key-secret=s'],
  ])('fails when it is encrypted (%s), and prints the command that decrypts it', async (format, options, how, line) => {
    const file = join(images.folder, `encrypted.${format}`);
    const create = ['create', '-f', format, '--object', 'secret,id=s,data=x', ...options, file, '8M'];
    // On a busy machine qemu-img (7.2) may not measure what the key's derivation costs.
    await until('it is made', () => execa('qemu-img', create));
    const said = await images.refused('ensure', images.spec('bad', { source: { file } }));
    expect(said).toContain(`the file '${file}' is encrypted (${how}); decrypt it ('qemu-img convert`);
    expect(said).toContain(line);
    expect(await images.names()).not.toContain('bad');
  });

  test('is recognized as a fixed-size VHD by its footer, even though it would also pass as raw', async () => {
    const file = join(images.folder, 'fixed.vhd');
    await execa('qemu-img', ['convert', '-O', 'vpc', '-o', 'subformat=fixed,force_size=on', raw, file]);
    await images.ensure(images.spec('vhd', { source: { file } }));
    expect((await images.info('vhd')).size).toBe(48 * MIB);
    expect(await images.digest('vhd')).toBe(digest);
  });

  test.each([
    ['gz', ['gzip', '-c']],
    ['xz', ['xz', '-c']],
    ['zst', ['zstd', '-qc']],
    ['bz2', ['bzip2', '-c']],
  ])(
    'is unpacked when it is compressed (.%s), with the checksum of the published file',
    async (suffix, [tool, ...args]) => {
      const file = join(images.folder, `disk.qcow2.${suffix}`);
      const { stdout } = await execa(tool as string, [...args, inFormat('qcow2')], { encoding: 'buffer' });
      writeFileSync(file, stdout);
      const name = `packed-${suffix}`;
      const spec = images.spec(name, { source: { file, sha256: sha256Of(file) }, size: '64 MiB' });
      expect(await images.ensure(spec)).toContain(`unpacking '${file}'`);
      expect((await images.info(name)).size).toBe(64 * MIB);
      await images.rbd('resize', images.specOf(name), '--size', '48M', '--allow-shrink', '--no-progress');
      expect(await images.digest(name)).toBe(digest);
      expect(await images.used(name)).toBeLessThanOrEqual(8 * MIB);
      writeFileSync(file, stdout.subarray(0, 2 * MIB));
      const said = await images.refused('ensure', images.spec('bad', { source: { file } }));
      expect(said).toContain(`'${file}' is damaged or incomplete: ${tool} says '`);
      expect(await images.names()).not.toContain('bad');
    },
  );

  test('is reported to have changed, by its content, since the image was made from it', async () => {
    const file = join(images.folder, 'seed.raw');
    writeFileSync(file, 'a'.repeat(512));
    const spec = images.spec('seed', { source: { file } });
    await images.ensure(spec);
    writeFileSync(file, 'a'.repeat(512));
    expect(await images.ensure(spec)).toBe('');
    writeFileSync(file, 'b'.repeat(512));
    const told = `image 'img-sources/seed' was created from '${file}', which has changed since`;
    expect(await images.ensure(spec)).toContain(told);
    expect((await runScript('rbd-image', 'verify', spec)).stderr).toContain(told);
  });

  test('fails when it refers to another file', async () => {
    const file = join(images.folder, 'overlay.qcow2');
    await execa('qemu-img', ['create', '-f', 'qcow2', '-F', 'raw', '-b', raw, file]);
    expect(await images.refused('ensure', images.spec('bad', { source: { file } }))).toContain(`it refers to '${raw}'`);
  });

  test.each(['qcow2', 'vmdk', 'vhdx', 'qed'])(
    'fails when it is truncated (%s), and leaves nothing behind',
    async (format) => {
      const [whole, file] = [join(images.folder, `whole.${format}`), join(images.folder, `short.${format}`)];
      await execa('qemu-img', ['convert', '-O', format, raw, whole]);
      writeFileSync(file, readFileSync(whole).subarray(0, 3 * MIB));
      const said = await images.refused('ensure', images.spec('bad', { source: { file } }));
      expect(said).toMatch(/damaged or incomplete|is not a disk/);
      expect(await images.names()).not.toContain('bad');
    },
  );

  test.each([
    ['grows', 'echo more >>'],
    ['is replaced', 'cp --preserve=all disk.qcow2 new && mv new'],
  ])('fails when it %s while it is imported, and leaves nothing behind', async (_title, change) => {
    const file = join(images.folder, 'changing.qcow2');
    copyFileSync(inFormat('qcow2'), file);
    const path = pathWithTool(
      images.folder,
      'qemu-img',
      `[ "$1" != convert ] || (cd '${images.folder}'; ${change} '${file}')`,
    );
    const spec = images.spec('bad', { source: { file, sha256: sha256Of(file) } });
    const { exitCode, stderr } = await runScript('rbd-image', 'ensure', spec, { env: { PATH: path } });
    expect({ exitCode, stderr }).toEqual({
      exitCode: 1,
      stderr: expect.stringContaining(`'${file}' changed while it was imported; wait until it is complete`),
    });
    expect(await images.names()).not.toContain('bad');
  });

  test('is accepted with the right checksum and fails with a wrong one', async () => {
    const source = { file: raw, sha256: digest };
    await images.ensure(images.spec('checked', { source }));
    const wrong = { ...source, sha256: '0'.repeat(64) };
    const said = await images.refused('ensure', images.spec('unchecked', { source: wrong }));
    expect(said).toContain(`the checksum of '${raw}' is wrong: its sha256 is ${digest}, not 000`);
    expect(await images.names()).not.toContain('unchecked');
  });
});

describe('A disk that is too small for an import', () => {
  const small = join(images.folder, 'small');
  beforeAll(async () => {
    mkdirSync(small);
    await execa('mount', ['-t', 'tmpfs', '-o', 'size=66M', 'tmpfs', small]);
  });
  afterAll(() => execa('umount', [small]));

  test('fails the import before it is filled, and keeps nothing of it', async () => {
    const cluster = { ...clusterSpec(images.lab()), transport: { type: 'command', prefix: ['env'] } };
    const spec = images.spec('bad', { cluster, source: { file: inFormat('qcow2') } });
    const { exitCode, stderr } = await runScript('rbd-image', 'ensure', spec, { env: { TMPDIR: small } });
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /needs 4 MiB in '.*small', where 6\d(\.\d+)? MiB are free and 64 MiB must stay free; make room there/,
    );
    expect(readdirSync(small)).toEqual([]);
    expect(await images.names()).not.toContain('bad');
  });
});
