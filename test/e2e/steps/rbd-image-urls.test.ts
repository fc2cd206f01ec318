import { randomBytes } from 'node:crypto';
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { WebServer } from '../../helpers/http';
import { clusterSpec } from '../../helpers/lab';
import { MIB, scratchFolders, sha256Of, useImagePool } from '../../helpers/rbd';

const images = useImagePool('img-urls');
/** 48 MiB, 4 of them data. */
const raw = join(images.folder, 'disk.raw');
let digest: string;
const qcow2 = join(images.folder, 'disk.qcow2');
beforeAll(async () => {
  writeFileSync(raw, randomBytes(4 * MIB));
  truncateSync(raw, 48 * MIB);
  digest = sha256Of(raw);
  await execa('qemu-img', ['convert', '-O', 'qcow2', raw, qcow2]);
});
afterEach(() => {
  expect(scratchFolders()).toEqual([]);
});
afterEach(async () => {
  const temporary = (await images.names()).filter((name) => name.includes('.cdktf-libvirt-ceph-'));
  expect(temporary).toEqual([]);
});

describe('A url', () => {
  const server = new WebServer();
  const url = (path: string): string => server.url(path);
  beforeAll(() => server.start());
  afterAll(() => server.stop());

  test('is fetched, checked and imported', async () => {
    server.answer = (_request, response) => response.end(readFileSync(qcow2));
    const source = { url: url('disk.qcow2'), sha256: sha256Of(qcow2) };
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
      server.answer = (request, response) => response.end(request.url === '/SUMS' ? list : readFileSync(qcow2));
      const source = { url: url('disk.qcow2'), checksumUrl: url('SUMS') };
      said.push(await images.refused('ensure', images.spec('bad', { source })));
    }
    expect(said[0]).toContain(', not 000');
    expect(said[1]).toContain(`'${url('SUMS')}' has no SHA-256 or SHA-512 of 'disk.qcow2'`);
    expect(await images.names()).not.toContain('bad');
  });

  test('is fetched, converted and streamed when the commands run elsewhere', async () => {
    server.answer = (_request, response) => response.end(readFileSync(qcow2));
    const source = { url: url('disk.qcow2'), sha256: sha256Of(qcow2) };
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
