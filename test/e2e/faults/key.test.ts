import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TerraformStack, TerraformVariable } from 'cdktf';
import {
  CephClient,
  CephPool,
  ImageSource,
  LibvirtCephSecret,
  RbdImage,
  RemovalPolicy,
  Transport,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { WebServer } from '../../helpers/http';
import { filesUnder, filesWithKeys, filesWithSecrets } from '../../helpers/key-search';
import { useLab, wordsInto } from '../../helpers/lab';
import { withTool } from '../../helpers/shim';
import { OPERATOR, Sshd } from '../../helpers/sshd';
import { Traced } from '../../helpers/traced';
import { Admin, labCluster, labHost } from '../../helpers/world';

const lab = useLab();

interface Place {
  readonly uri: string;
  readonly transport?: Transport;
}

function stackAt({ uri, transport }: Place, keyGeneration: number): (stack: TerraformStack) => void {
  return (stack) => {
    const cluster = labCluster(stack, lab(), { transport });
    const host = labHost(stack, lab(), { uri });
    const client = new CephClient(stack, 'kf-client', { cluster, keyGeneration });
    new CephPool(stack, 'kf-pool', { cluster }).grantReadWrite(client);
    new LibvirtCephSecret(stack, 'kf-secret', { host, client, private: false });
  };
}

let admin: Admin;
beforeAll(async () => {
  admin = new Admin(lab());
  await admin.wipe('kf-pool');
});

const keyNow = async (): Promise<string> => (await admin.ceph('auth', 'get-key', 'client.kf-client')).trim();

async function secretNow(): Promise<string> {
  const [, uuid = ''] = /(\S+) +ceph client\.kf-client secret/.exec(await admin.virsh('secret-list')) ?? [];
  return (await admin.virsh('secret-get-value', uuid)).trim();
}

describe('When the command that receives the key fails', () => {
  const deployment = new Deployment('kf-pipe');
  const traced = new Traced();
  /** What a broken tool was given; nothing in here is searched. */
  const caught = mkdtempSync(join(tmpdir(), 'kf-caught-'));
  const here = (): Place => ({ uri: lab().hosts[0]?.uri ?? '' });
  const apply = (name: string) => traced.terraform(name, deployment.stackFolder, 'apply', '-auto-approve');

  beforeAll(() => deployment.synth(stackAt(here(), 1)).init());
  afterAll(async () => {
    deployment.remove();
    traced.remove();
    rmSync(caught, { recursive: true });
    await admin.clear('kf-');
  });

  /**
   * An apply in which a piece of shell replaces a tool's calls with that word; `input` is a file with what it was
   * given.
   */
  function applyBreaking(tool: string, word: string, shell: (input: string) => string): ReturnType<typeof apply> {
    const input = join(caught, `input-${tool}-${word}`);
    const script = `case " $* " in *' ${word} '*) ;; *) exec "$real" "$@" ;; esac
cat >'${input}'
${shell(input)}`;
    return withTool(caught, tool, script, () => apply(`broken-${word}`));
  }

  test("a secret that is gone when its value is set gives virsh's error, and the next apply sets the value", async () => {
    const { exitCode, all } = await applyBreaking('virsh', 'secret-set-value', (input) =>
      [
        'for uuid; do [ "$uuid" = secret-set-value ] && break; shift; done',
        `"$real" --connect '${lab().hosts[0]?.virshUri ?? ''}' secret-undefine "$2" >&2`,
        `exec "$real" --connect '${lab().hosts[0]?.virshUri ?? ''}' "$@" <'${input}'`,
      ].join('\n'),
    );
    expect({ exitCode, all }).toEqual({
      exitCode: 1,
      all: expect.stringMatching(/no\s+secret\s+with\s+matching\s+uuid/),
    });
    expect((await apply('set-value-again')).exitCode).toBe(0);
    expect(await secretNow()).toBe(await keyNow());
  });

  test('a tool killed with a new key in its hands leaves the old key, and the next apply makes another', async () => {
    const before = await keyNow();
    deployment.synth(stackAt(here(), 2));
    expect((await applyBreaking('ceph', 'import', () => 'kill -9 $$')).exitCode).toBe(1);
    expect([await keyNow(), await secretNow()]).toEqual([before, before]);
    expect((await apply('killed-again')).exitCode).toBe(0);
    expect(await keyNow()).not.toBe(before);
    expect(await secretNow()).toBe(await keyNow());
  });

  test("a keyring with a new key that Ceph refuses gives ceph's error, and the old key stays", async () => {
    const before = await keyNow();
    deployment.synth(stackAt(here(), 3));
    const nonsense = (input: string): string => `sed 's/caps/nonsense/' '${input}' | "$real" "$@"; exit`;
    const { exitCode, all } = await applyBreaking('ceph', '-i', nonsense);
    expect({ exitCode, all }).toEqual({
      exitCode: 1,
      all: expect.stringMatching(/exec\.cjs\s+ceph-client ensure': exit/),
    });
    expect([await keyNow(), await secretNow()]).toEqual([before, before]);
    expect((await apply('import-again')).exitCode).toBe(0);
    expect(await keyNow()).not.toBe(before);
    expect(await secretNow()).toBe(await keyNow());
  });

  test('no key that ever existed is in an argument, environment, error, log, state or file', async () => {
    const inputs = readdirSync(caught).filter((name) => name.startsWith('input-'));
    const texts = inputs.map((name) => readFileSync(join(caught, name), 'utf8'));
    const seen = texts.map((text) => /(?:key = )?(\S{30,})/.exec(text.replace(/^.*key = /s, ''))?.[1] ?? '');
    expect(seen.map((key) => key.length)).toEqual([40, 40, 40]);
    const keys = [...seen, await keyNow()];
    expect(new Set(keys).size).toBe(4);
    const written = traced.written().filter((file) => !file.startsWith(caught));
    expect(filesWithKeys(keys, [traced.folder, deployment.folder, ...written])).toEqual([]);
  });
});

describe('The key on its way over ssh and sudo', () => {
  const deployment = new Deployment('kf-ssh');
  const traced = new Traced();
  const sshd = new Sshd();
  const path = process.env['PATH'];
  const keys = new Set<string>();
  let detach: () => Promise<void>;

  beforeAll(async () => {
    await admin.wipe('kf-pool');
    await sshd.start(wordsInto(lab()));
    detach = await traced.attach('sshd', sshd.pid);
    process.env['PATH'] = sshd.path;
  });
  afterAll(async () => {
    process.env['PATH'] = path;
    deployment.remove();
    await sshd.stop();
    traced.remove();
    await admin.clear('kf-');
  });

  const there = (): Place => ({
    uri: `qemu+sshcmd://root@127.0.0.1:${sshd.port}/system?keyfile=${sshd.keyFile}`,
    transport: Transport.ssh(`${OPERATOR}@127.0.0.1`, { port: sshd.port, identityFile: sshd.keyFile, sudo: true }),
  });

  test('is in no argument, environment, output, log or file, on either side', async () => {
    for (const generation of [1, 2]) {
      deployment.synth(stackAt(there(), generation));
      await deployment.init();
      const applied = await traced.terraform(`apply-${generation}`, deployment.stackFolder, 'apply', '-auto-approve');
      expect(applied.exitCode).toBe(0);
      keys.add(await keyNow());
      expect(await secretNow()).toBe(await keyNow());
    }
    const destroyed = await traced.terraform('destroy', deployment.stackFolder, 'destroy', '-auto-approve');
    expect(destroyed.exitCode).toBe(0);
    await detach();
    expect(keys.size).toBe(2);
    const remote = readFileSync(join(traced.folder, 'sshd.trace'), 'latin1');
    for (const word of ['"sudo"', '"get-key"', '"ceph-authtool"', '"import"']) expect(remote).toContain(word);
    expect(remote).not.toMatch(/"\.\.\.[,\]]/); // nothing was cut off
    const written = traced.written().filter((file) => !file.startsWith(sshd.folder));
    expect(filesWithKeys([...keys], [traced.folder, deployment.folder, sshd.folder, ...written])).toEqual([]);
  });
});

describe("The secret parts of an image's address", () => {
  const deployment = new Deployment('kf-url');
  const traced = new Traced();
  const server = new WebServer();
  const [password, token] = ['pass-9c41d7', 'token-52be08'];
  const secrets = { TF_VAR_password: password, TF_VAR_token: token };

  beforeAll(async () => {
    await admin.wipe('kf-pool');
    await server.start();
    Object.assign(process.env, secrets);
  });
  afterAll(async () => {
    for (const name of Object.keys(secrets)) delete process.env[name];
    server.stop();
    deployment.remove();
    traced.remove();
    await admin.clear('kf-');
  });

  function build(stack: TerraformStack): void {
    const [user, query] = ['password', 'token'].map((name) => {
      const variable = new TerraformVariable(stack, name, { type: 'string', sensitive: true });
      variable.addOverride('ephemeral', true);
      return variable.stringValue;
    });
    const pool = new CephPool(stack, 'kf-pool', { cluster: labCluster(stack, lab()) });
    const address = server.url('disk.raw').replace('://', `://reader:${user}@`);
    const [source, removalPolicy] = [ImageSource.url(`${address}?token=${query}`, {}), RemovalPolicy.DELETE];
    new RbdImage(stack, 'kf-image', { pool, source, removalPolicy });
  }

  test('are in no plan, state, output, log, argument, file or record, also when it fails', async () => {
    const asked: string[] = [];
    let open = false;
    server.answer = (request, response) => {
      asked.push(`${request.headers.authorization} ${request.url}`);
      if (open) response.end(Buffer.alloc(2 ** 20, 'an image '));
      else response.writeHead(403).end();
    };
    await deployment.synth(build).init();
    const apply = (name: string) => traced.terraform(name, deployment.stackFolder, 'apply', '-auto-approve');
    const planned = await traced.terraform('plan', deployment.stackFolder, 'plan', '-out=plan');
    const refused = await apply('refused');
    open = true;
    const applied = await apply('applied');
    expect([planned, refused, applied].map(({ exitCode }) => exitCode)).toEqual([0, 1, 0]);
    const authorization = `Basic ${Buffer.from(`reader:${password}`).toString('base64')}`;
    expect(new Set(asked)).toEqual(new Set([`${authorization} /disk.raw?token=${token}`]));
    // The environment may contain it: of an execve only the arguments are searched.
    const started = traced.traces().map((file) => readFileSync(file, 'latin1').replace(/\], \[".*/g, ']'));
    const records = [await admin.rbd('image-meta', 'list', 'kf-pool/kf-image'), await admin.ceph('config-key', 'dump')];
    expect(records.join()).toContain('127.0.0.1');
    const told = join(deployment.folder, 'told');
    writeFileSync(told, [...started, ...records].join('\n'));
    const files = filesUnder([traced.folder, deployment.folder, ...traced.written()]);
    expect(
      filesWithSecrets(
        [password, token],
        files.filter((file) => !file.endsWith('.trace')),
      ),
    ).toEqual([]);
  });
});
