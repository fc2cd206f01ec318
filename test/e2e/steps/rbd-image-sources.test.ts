import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { execa } from 'execa';
import { WebServer } from '../../helpers/http';
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

describe('A url', () => {
  const server = new WebServer();
  const url = (path: string): string => server.url(path);
  beforeAll(() => server.start());
  afterAll(() => server.stop());

  test('is fetched, checked and imported', async () => {
    server.answer = (_request, response) => response.end(readFileSync(inFormat('qcow2')));
    const source = { url: url('disk.qcow2'), sha256: sha256Of(inFormat('qcow2')) };
    expect(await images.ensure(images.spec('fetched', { source }))).toContain('fetching');
    expect(await images.digest('fetched')).toBe(digest);
  });

  test('is fetched with user, password and headers, checked by its list and unpacked, and leaves nothing secret behind', async () => {
    const file = join(images.folder, 'disk.raw.xz');
    writeFileSync(file, (await execa('xz', ['-c', raw], { encoding: 'buffer' })).stdout);
    const asked: string[] = [];
    server.answer = (request, response) => {
      const { authorization, 'x-team': team } = request.headers;
      asked.push([authorization, team, request.url].join(' '));
      const list = `SHA256 (other) = ${'0'.repeat(64)}\nSHA256 (disk.raw.xz) = ${sha256Of(file)}\n`;
      response.end(request.url?.startsWith('/SHA256SUMS') === true ? list : readFileSync(file));
    };
    const secret = (path: string): string => `${url(path).replace('://', '://user:sekret1@')}?token=sekret2`;
    const source = { url: url('disk.raw.xz'), checksumUrl: url('SHA256SUMS') };
    const fetch = { url: secret('disk.raw.xz'), checksumUrl: secret('SHA256SUMS') };
    const fetchHeaders = { 'X-Team': 'sekret3' };
    const spec = images.spec('secret', { source, fetch, fetchHeaders });
    const said = await images.ensure(spec);
    expect(await images.digest('secret')).toBe(digest);
    const authorization = `Basic ${Buffer.from('user:sekret1').toString('base64')}`;
    expect(asked).toEqual([
      `${authorization} sekret3 /SHA256SUMS?token=sekret2`,
      `${authorization} sekret3 /disk.raw.xz?token=sekret2`,
    ]);
    await images.ensure(images.spec('heir', { source: { clone: images.specOf('secret') } }));
    server.answer = (_request, response) => response.writeHead(403, 'Forbidden').end();
    const refused = await images.refused('ensure', { ...spec, name: 'bad' });
    expect(refused).toContain(`cannot fetch '${url('SHA256SUMS')}': the server answered 403 Forbidden`);
    const records = ['secret', 'heir'].map((name) => images.rbd('image-meta', 'list', images.specOf(name)));
    expect([said, refused, ...(await Promise.all(records))].join()).not.toMatch(/sekret/);
    expect(await records[0]).toContain(url('disk.raw.xz'));
  });

  test('fails when the list of checksums lacks it or names another, and leaves nothing behind', async () => {
    const lists = [`${'0'.repeat(64)}  disk.qcow2`, `${'0'.repeat(64)}  other.qcow2`];
    const said: string[] = [];
    for (const list of lists) {
      server.answer = (request, response) =>
        response.end(request.url === '/SUMS' ? list : readFileSync(inFormat('qcow2')));
      const source = { url: url('disk.qcow2'), checksumUrl: url('SUMS') };
      said.push(await images.refused('ensure', images.spec('bad', { source })));
    }
    expect(said[0]).toContain(', not 000');
    expect(said[1]).toContain(`'${url('SUMS')}' has no SHA-256 or SHA-512 of 'disk.qcow2'`);
    expect(await images.names()).not.toContain('bad');
  });

  test('is fetched, converted and streamed when the commands run elsewhere', async () => {
    server.answer = (_request, response) => response.end(readFileSync(inFormat('qcow2')));
    const source = { url: url('disk.qcow2'), sha256: sha256Of(inFormat('qcow2')) };
    const cluster = { ...clusterSpec(images.lab()), transport: { type: 'command', prefix: ['env'] } };
    await images.ensure(images.spec('fetched-elsewhere', { cluster, source }));
    expect(await images.digest('fetched-elsewhere')).toBe(digest);
  });

  test('fails with a wrong checksum, and leaves nothing behind', async () => {
    const source = { url: url('disk.qcow2'), sha512: 'f'.repeat(128) };
    expect(await images.refused('ensure', images.spec('bad', { source }))).toContain('its sha512 is');
    expect(await images.names()).not.toContain('bad');
  });

  test('fails when the server does not have it, cuts the answer short, or does not exist', async () => {
    const spec = images.spec('bad', { source: { url: url('gone') } });
    server.answer = (_request, response) => response.writeHead(404, 'Not Found').end();
    expect(await images.refused('ensure', spec)).toContain('the server answered 404 Not Found');
    server.answer = (_request, response) => {
      response.writeHead(200, { 'content-length': 4096 }).write(Buffer.alloc(1024));
      setTimeout(() => response.destroy(), 100);
    };
    expect(await images.refused('ensure', spec)).toContain('cannot fetch');
    const nobody = images.spec('bad', { source: { url: 'http://127.0.0.1:59999/disk' } });
    expect(await images.refused('ensure', nobody)).toContain('ECONNREFUSED');
    expect(await images.names()).not.toContain('bad');
  });

  test('fails when it is not an http address', async () => {
    const spec = images.spec('bad', { source: { url: 'file:///etc/hostname' } });
    expect(await images.refused('ensure', spec)).toContain('use ImageSource.file');
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

describe('A clone', () => {
  beforeAll(() => images.ensure(images.spec('golden', { source: { file: raw } })));

  test('reads from one snapshot of its parent, copy-on-write', async () => {
    await Promise.all(
      ['one', 'two'].map((name) => images.ensure(images.spec(name, { source: { clone: 'img-sources/golden' } }))),
    );
    for (const name of ['one', 'two']) {
      const info = await images.info(name);
      expect(info.parent).toMatchObject({ image: 'golden', snapshot: 'cdktf-libvirt-ceph' });
      expect(await images.used(name)).toBe(0);
      expect(await images.digest(name)).toBe(digest);
      expect((await images.mark(name)).id).toBe(info.id);
    }
    expect(JSON.parse(await images.rbd('snap', 'ls', '--format', 'json', 'img-sources/golden'))).toHaveLength(1);
  });

  test('is grown to its size, and fails when that is smaller than its parent', async () => {
    const source = { clone: 'img-sources/golden' };
    await images.ensure(images.spec('larger', { source, size: '96 MiB' }));
    expect((await images.info('larger')).size).toBe(96 * MIB);
    const said = await images.refused('ensure', images.spec('bad', { source, size: '8 MiB' }));
    expect(said).toContain("its parent 'img-sources/golden@cdktf-libvirt-ceph' has 48 MiB");
  });

  test('is flattened on request', async () => {
    const source = { clone: 'img-sources/golden', flatten: true };
    await images.ensure(images.spec('flat', { source }));
    expect((await images.info('flat')).parent).toBeUndefined();
    expect(await images.digest('flat')).toBe(digest);
  });

  test('is made from a snapshot that the user names', async () => {
    await images.rbd('snap', 'create', '--no-progress', 'img-sources/golden@v1');
    await images.ensure(images.spec('named', { source: { snapshot: 'img-sources/golden@v1' } }));
    expect((await images.info('named')).parent).toMatchObject({ image: 'golden', snapshot: 'v1' });
    const absent = images.spec('bad', { source: { snapshot: 'img-sources/golden@v2' } });
    expect(await images.refused('ensure', absent)).toContain("its parent, snapshot 'img-sources/golden@v2'");
  });

  test('does not look at its parent once it exists', async () => {
    await images.rbd('mv', 'img-sources/golden', 'img-sources/golden-away');
    await images.ensure(images.spec('one', { source: { clone: 'img-sources/golden' } }));
    const said = await images.refused('ensure', images.spec('bad', { source: { clone: 'img-sources/golden' } }));
    await images.rbd('mv', 'img-sources/golden-away', 'img-sources/golden');
    expect(said).toContain("image 'img-sources/bad' is missing and so is its parent, image 'img-sources/golden'");
  });

  test('fails when its parent is in an unknown pool, and names the pool', async () => {
    const spec = images.spec('bad', { source: { clone: 'img-no-pool/golden' } });
    expect(await images.refused('ensure', spec)).toContain("pool 'img-no-pool' does not exist");
  });

  test('fails when the chain of clones would be too deep', async () => {
    let parent = 'golden';
    for (let depth = 1; depth < 8; depth++) {
      const snapshot = `img-sources/${parent}@deeper`;
      parent = `deep-${depth}`;
      await images.rbd('snap', 'create', '--no-progress', snapshot);
      await images.rbd('clone', '--rbd-default-clone-format', '2', snapshot, `img-sources/${parent}`);
    }
    const source = { clone: `img-sources/${parent}` };
    expect(await images.refused('ensure', images.spec('bad', { source }))).toContain('more than 7 levels deep');
    await images.ensure(images.spec('deep-flat', { source: { ...source, flatten: true } }));
  });
});
