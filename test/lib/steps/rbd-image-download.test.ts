import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Duplex } from 'node:stream';
import { errorLine } from '../../../lib/exec/messages';
import { listedChecksum } from '../../../lib/steps/rbd-image/checksum-list';
import { download, downloadText } from '../../../lib/steps/rbd-image/download';
import type { Tools } from '../../../lib/steps/tools';
import { WebServer } from '../../helpers/http';
import { expectSaidOnce } from '../../helpers/said-once';

const folder = mkdtempSync(join(tmpdir(), 'download-'));
const server = new WebServer();
const image = { cluster: { monitors: ['10.0.0.1'], transport: { type: 'local' as const } }, pool: 'p', name: 'i' };
const said: string[] = [];
const tools = {
  say: (line: string) => void said.push(line),
  sleep: (seconds: number) => new Promise((resolve) => setTimeout(resolve, seconds === 1 ? 1000 : 0).unref()),
} as unknown as Tools;
const content = randomBytes(300_000);
const get = async (url: string): Promise<Buffer> => readFileSync(await download(tools, { url }, folder, image));
const withUser = (path: string): string => server.url(path).replace('://', '://us%40er:s%3Acret@');

beforeAll(() => server.start());
beforeEach(() => (said.length = 0));
afterAll(() => {
  server.stop();
  rmSync(folder, { recursive: true });
});

test('user and password are sent as basic authentication, and neither they nor the query are printed', async () => {
  let asked: IncomingMessage | undefined;
  server.answer = (request, response) => ((asked = request), response.end(content));
  expect(content.equals(await get(`${withUser('disk.raw')}?token=t0ken`))).toBe(true);
  expect(asked?.headers.authorization).toBe(`Basic ${Buffer.from('us@er:s:cret').toString('base64')}`);
  expect(asked?.url).toBe('/disk.raw?token=t0ken');
  expect(said[0]).toBe(`fetching '${server.url('disk.raw')}'`);
  expect(said.join()).not.toMatch(/cret|t0ken/);
});

test.each([
  ['the server refuses', (_: IncomingMessage, response: ServerResponse) => void response.writeHead(403).end()],
  ['the connection is lost', (request: IncomingMessage) => void request.destroy()],
  [
    'it is sent on without end',
    (request: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(302, { location: `${request.url}x` }).end(),
  ],
  [
    'it is sent to what is no address',
    (_: IncomingMessage, response: ServerResponse) =>
      void response.writeHead(302, { location: 'http://u:cret@[' }).end(),
  ],
])('fails without printing secrets when %s', async (_title, answer) => {
  server.answer = answer;
  const failed = await get(`${withUser('disk.raw')}?token=t0ken`).catch((error: unknown) => error);
  expect(String(failed)).toContain(`cannot fetch '${server.url('disk.raw')}': `);
  expect(String(failed)).not.toMatch(/cret|t0ken/);
  expectSaidOnce(errorLine("image 'p/i'", 'create it', failed));
});

test('redirects are followed, and another server never receives the password', async () => {
  const asked: (string | undefined)[] = [];
  const other = new WebServer(
    (request, response) => (asked.push(request.headers.authorization), response.end(content)),
  );
  await other.start();
  server.answer = (request, response) => {
    asked.push(request.headers.authorization);
    const location = request.url === '/a' ? '/b' : other.url('c?signed=1');
    response.writeHead(302, { location }).end();
  };
  expect(content.equals(await get(withUser('a')))).toBe(true);
  other.stop();
  expect(asked.map((one) => one !== undefined)).toEqual([true, true, false]);
});

test('headers go only to the server itself, across its own redirects, in place of user and password, and are not printed', async () => {
  const asked: IncomingMessage['headers'][] = [];
  const other = new WebServer((request, response) => (asked.push(request.headers), response.end(content)));
  await other.start();
  server.answer = (request, response) => {
    asked.push(request.headers);
    response.writeHead(302, { location: request.url === '/a' ? '/b' : other.url('c') }).end();
  };
  const headers = { Authorization: 'Bearer cret', 'X-Team': 'cret' };
  await download(tools, { url: withUser('a'), headers }, folder, image);
  other.stop();
  expect(asked.map((one) => [one.authorization, one['x-team']])).toEqual([
    ['Bearer cret', 'cret'],
    ['Bearer cret', 'cret'],
    [undefined, undefined],
  ]);
  server.answer = (_, response) => response.writeHead(403).end();
  await expect(downloadText(tools, { url: server.url('a'), headers })).rejects.toThrow(/answered 403 Forbidden/);
  const unsendable = { url: server.url('a'), headers: { 'X-Team': 'cret\n' } };
  const failed = await download(tools, unsendable, folder, image).catch((error: unknown) => error);
  expect(String(failed)).toMatch(/Invalid character in header/);
  expect([String(failed), ...said].join()).not.toMatch(/cret/);
});

describe('A download whose connection is lost', () => {
  /** Sends the first half and hangs up; after that, sends what is asked for. */
  const half = (headers: object) => {
    const ranges: (string | undefined)[] = [];
    server.answer = (request, response) => {
      ranges.push(request.headers.range);
      const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
      if (ranges.length === 1) {
        response.writeHead(200, { 'content-length': content.length, ...headers }).write(content.subarray(0, 150_000));
        setTimeout(() => response.destroy(), 500);
      } else if (range !== undefined && request.headers['if-range'] === '"v1"') {
        const rest = content.subarray(Number(range));
        response
          .writeHead(206, { 'content-range': `bytes ${range}-${content.length - 1}/${content.length}` })
          .end(rest);
      } else response.writeHead(200, { 'content-length': content.length }).end(content);
    };
    return ranges;
  };

  test('resumes where it was when the file is the same', async () => {
    const ranges = half({ etag: '"v1"' });
    expect(content.equals(await get(server.url('disk.raw')))).toBe(true);
    expect(ranges).toEqual([undefined, 'bytes=150000-']);
    expect(said.join('\n')).toContain('the connection was lost at 146.48 KiB: resuming there');
    expect(said.join('\n')).toMatch(/100 % of 292.97 KiB/);
  });

  test('starts over when the file has changed in the meantime', async () => {
    const ranges = half({ etag: '"v0"' });
    expect(content.equals(await get(server.url('disk.raw')))).toBe(true);
    expect(ranges).toEqual([undefined, 'bytes=150000-']);
  });

  test('fails when the server sends nothing to identify the file by', async () => {
    const ranges = half({});
    await expect(get(server.url('disk.raw'))).rejects.toThrow(/cannot fetch .*: the connection was lost/);
    expect(ranges).toHaveLength(1);
  });
});

describe('A proxy from the environment', () => {
  const asked: string[] = [];
  const tunnels: Duplex[] = [];
  let proxy: Server;
  const before = { ...process.env };
  beforeAll(async () => {
    proxy = createServer((request, response) => {
      asked.push(`${request.method} ${request.url} ${request.headers['proxy-authorization']}`);
      response.end(content);
    });
    proxy.on('connect', (request, client) => {
      asked.push(`${request.method} ${request.url}`);
      const [host, port] = (request.url ?? '').split(':');
      const upstream = connect(Number(port), host, () => client.write('HTTP/1.1 200 OK\r\n\r\n'));
      upstream.pipe(client).pipe(upstream);
      for (const socket of [client, upstream]) {
        socket.on('error', () => undefined);
        tunnels.push(socket);
      }
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = `127.0.0.1:${(proxy.address() as AddressInfo).port}`;
    Object.assign(process.env, { http_proxy: `http://pu:pp@${address}`, https_proxy: address, no_proxy: '' });
  });
  beforeEach(() => (asked.length = 0));
  afterAll(() => {
    process.env = before;
    proxy.close();
    for (const socket of tunnels) socket.destroy();
  });

  test('receives the whole address, with its own user', async () => {
    expect(content.equals(await get('http://images.test/disk.raw?x=1'))).toBe(true);
    expect(asked).toEqual([`GET http://images.test/disk.raw?x=1 Basic ${Buffer.from('pu:pp').toString('base64')}`]);
  });

  test('only tunnels to an https server, so that it cannot listen', async () => {
    const { port } = new URL(server.url(''));
    // The server does not speak TLS: all that counts is that the proxy was only asked to connect to it.
    await expect(get(`https://127.0.0.1:${port}/disk.raw?token=t0ken`)).rejects.toThrow(/^cannot fetch 'https:/);
    expect(asked).toEqual([`CONNECT 127.0.0.1:${port}`]);
  });
});

test('a text that is too long is not a list of checksums', async () => {
  server.answer = (_request, response) => response.end('x'.repeat(2 ** 20 + 1));
  await expect(downloadText(tools, { url: server.url('SUMS') })).rejects.toThrow('it is longer than 1 MiB');
});

describe('A list of checksums', () => {
  const [a, b] = ['a', 'b'].map((text) => createHash('sha256').update(text).digest('hex')) as [string, string];
  const long = createHash('sha512').update('a').digest('hex');
  const listed = (list: string, url = 'https://x.test/dir/disk.qcow2.xz?token=t0ken') =>
    listedChecksum(list, url, 'https://u:cret@x.test/SUMS');

  test.each([
    ['GNU', `${b}  other.qcow2\n${a}  disk.qcow2.xz\n`, { sha256: a }],
    ['GNU, binary', `${a} *disk.qcow2.xz\r\n`, { sha256: a }],
    ['GNU, in a folder', `${a}  ./dir/disk.qcow2.xz`, { sha256: a }],
    ['BSD', `# size\nSHA256 (other) = ${b}\nSHA256 (disk.qcow2.xz) = ${a.toUpperCase()}`, { sha256: a }],
    ['both lengths', `SHA512 (disk.qcow2.xz) = ${long}\nSHA256 (disk.qcow2.xz) = ${a}`, { sha512: long }],
    ['signed', `-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA512\n\n${long}  disk.qcow2.xz\n`, { sha512: long }],
  ])('in the form %s gives the checksum of the file', (_form, list, checksum) => {
    expect(listed(list)).toEqual(checksum);
  });

  test('finds a file by its decoded name', () => {
    expect(listed(`${a}  a b.raw`, 'https://x.test/a%20b.raw')).toEqual({ sha256: a });
  });

  test.each([
    [
      'does not name the file',
      `${a}  disk.qcow2\n${a}  xdisk.qcow2.xz`,
      "has no SHA-256 or SHA-512 of 'disk.qcow2.xz'",
    ],
    ['is a page', '<html></html>', 'has no SHA-256 or SHA-512'],
    ['holds MD5 only', `${'d'.repeat(32)}  disk.qcow2.xz`, 'has no SHA-256 or SHA-512'],
    ['contradicts itself', `${a}  disk.qcow2.xz\n${b}  old/disk.qcow2.xz`, 'has several checksums'],
  ])('fails when it %s, without printing the secrets of its address', (_title, list, message) => {
    expect(() => listed(list)).toThrow(`'https://x.test/SUMS' ${message}`);
  });
});
