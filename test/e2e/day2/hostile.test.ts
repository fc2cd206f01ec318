import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, TerraformStack } from 'cdktf';
import * as fc from 'fast-check';
import {
  CephClient,
  type CephCluster,
  CephPool,
  ImageSource,
  LibvirtCephSecret,
  LibvirtDriver,
  RbdBackedVm,
  RbdImage,
  Size,
  Transport,
} from '../../../constructs';
import { Children } from '../../../lib/exec/children';
import { makeTools } from '../../../lib/exec/make-tools';
import { monitorsIn, stableUuid } from '../../../lib/model';
import { elementsOf, find, parseXml } from '../../../lib/render/xml';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver } from '../../helpers/drivers';
import { hostileText } from '../../helpers/hostile';
import { clusterSpec, hostSpec, runScript, runScriptWell, useLab } from '../../helpers/lab';
import { Sshd } from '../../helpers/sshd';
import { Admin, labCluster, labHost } from '../../helpers/world';

const lab = useLab();
const POOL = 'hostile-pool';
const TEXTS = 6;
/** Each is given in six places, to a run of the script each: HOSTILE_NAMES=1700 is 10,200 runs. */
const NAMES = Number(process.env['HOSTILE_NAMES'] ?? 8);

/** So many to each description: a spec has to be below 96 KiB. */
const MANY = 1700;
const WORDS = 10_000;

const TITLE = 'whatever text is given, nothing of it is run or filled in';
describeByDriver(`${TITLE}: local`, (driver) => testsOf('local', driver));
// The provider has nothing to do with the transport.
describe(`${TITLE}: ssh`, () => {
  testsOf('ssh', LibvirtDriver.VIRSH);
});

function testsOf(way: 'local' | 'ssh', driver: LibvirtDriver): void {
  const work = mkdtempSync(join(tmpdir(), 'clc-hostile-'));
  const deployment = new Deployment(`hostile-${way}-${driver}`);
  const path = process.env['PATH'];
  const sshd = new Sshd();
  const transport = () =>
    way === 'local'
      ? Transport.local()
      : Transport.ssh('root@127.0.0.1', { port: sshd.port, identityFile: sshd.keyFile });
  const byVirsh = driver === LibvirtDriver.VIRSH;
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(POOL);
    await sshd.start();
    process.env['PATH'] = sshd.path;
  });

  afterAll(async () => {
    process.env['PATH'] = path;
    await sshd.stop();
    deployment.remove();
    rmSync(work, { recursive: true });
    await admin.clear('hostile');
  });

  test('descriptions and paths that synth accepts arrive byte for byte', async () => {
    // A provider gets to see no path, and ssh no description.
    const [texts, paths] = [byVirsh && way === 'local' ? TEXTS : 1, byVirsh ? TEXTS : 1];
    const descriptions = manyTexts(texts).map((each) => each.join('\n'));
    const files = taken((stack, text) => imageOf(stack, 'image', text))
      .filter(isFileName)
      .slice(0, paths);
    expect([descriptions.length, files.length]).toEqual([texts, paths]);
    files.forEach((name, index) => writeFileSync(join(work, name), Buffer.alloc(4096, index + 1)));
    await deployment.deploy((stack) => {
      descriptions.forEach((text, index) => vmWith(stack, `hostile-${index}`, text));
      files.forEach((name, index) => imageOf(stack, `image-${index}`, join(work, name)));
    });
    for (const [index, text] of descriptions.entries()) {
      // virsh ends what it prints with a newline of its own.
      expect(await admin.virsh('desc', `hostile-${index}`)).toBe(text.replace(/\n$/, ''));
    }
    for (const [index] of files.entries()) {
      expect(await admin.rbd('export', '--no-progress', `${POOL}/image-${index}`, '-')).toBe(
        String.fromCharCode(index + 1).repeat(4096),
      );
    }
    expectNothingRun();
  }, 600_000);

  // Of these a provider gets to see none.
  if (byVirsh) {
    test('the words of a command arrive one by one, byte for byte', async () => {
      const tools = makeTools({ children: new Children(), holder: 'test', say: () => undefined });
      const texts = fc
        .sample(hostileText, { numRuns: WORDS, seed: 11 })
        .filter((one) => !/\0/.test(one) && isText(one));
      expect(texts.length).toBeGreaterThan(WORDS / 2);
      for (let from = 0; from < texts.length; from += 500) {
        const words = texts.slice(from, from + 500);
        const output = await tools.run({ argv: ['printf', '%s\\0', ...words], transport: transport()._spec() });
        expect(output).toBe(words.map((word) => `${word}\0`).join(''));
      }
      expectNothingRun();
    });

    test(
      'fails for invalid names, even when no synth has seen them',
      async () => {
        const before = await admin.inventory('');
        const cluster = { ...clusterSpec(lab()), transport: transport()._spec() };
        const host = hostSpec(lab());
        const uuid = '00000000-0000-4000-8000-000000000000';
        const names = fc
          .sample(hostileText, { numRuns: 100 + 2 * NAMES, seed: 7 })
          .filter((text) => /[^\w.-]/.test(text) && !text.includes('\0') && monitorsIn(text) === undefined);
        expect(names.length).toBeGreaterThanOrEqual(NAMES);
        for (const name of names.slice(0, NAMES)) {
          const specs = [
            ['ceph-pool', { cluster, name }],
            ['ceph-client', { cluster, id: name, caps: {} }],
            ['rbd-image', { cluster, pool: POOL, name, source: { blank: true }, size: '1 MiB' }],
            ['rbd-snapshot', { cluster, pool: POOL, image: 'image-0', name }],
            ['ceph-pool', { cluster: { ...cluster, monitors: [name] }, name: 'hostile-none' }],
            ['ceph-secret', { cluster, host, usage: `\n${name}`, uuid, entity: 'client.admin', private: true }],
          ] as const;
          const results = await Promise.all(specs.map(([kind, spec]) => runScript(kind, 'ensure', spec)));
          for (const { exitCode, stderr } of results) {
            expect(stderr).toMatch(/the field '[\w.]+' of the spec is wrong/);
            expect(exitCode).toBe(1);
          }
        }
        expect(await admin.inventory('')).toEqual(before);
        expectNothingRun();
      },
      300_000 + NAMES * 10_000,
    );

    // No such name has anything that a shell would see.
    if (way === 'local') {
      test('gives an object exactly the name asked for, including the shortest, the longest and those that look like something else', async () => {
        const cluster = { ...clusterSpec(lab()), transport: transport()._spec() };
        const host = hostSpec(lab());
        const image = { cluster, pool: POOL, source: { blank: true }, size: '1 MiB' };
        const clientOf = (name: string): string => `hostile.${name}`.slice(0, 96);
        const usageOf = (name: string): string => `hostile ${name}`;
        const legal = fc.sample(fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_.-]{0,40}$/), { numRuns: 2, seed: 3 });
        const names = [...new Set(['0', '_', 'true', `x${'-'.repeat(95)}`, ...legal])];
        const asked = names.flatMap((name) => [
          `client client.${clientOf(name)}`,
          `image ${POOL}/${name}`,
          `secret ${usageOf(name)}`,
          `snapshot ${name}`,
        ]);
        const there = async (): Promise<string[]> => {
          const snapshots = JSON.parse(await admin.rbd('snap', 'ls', '--format', 'json', `${POOL}/image-0`));
          return [...(await admin.inventory('')), ...snapshots.map((one: any) => `snapshot ${one.name}`)];
        };
        const before = await there();
        for (const name of names) {
          const [id, usage] = [clientOf(name), usageOf(name)];
          const secret = { usage, uuid: stableUuid('ceph-secret', usage), entity: `client.${id}`, private: true };
          await Promise.all([
            runScriptWell('ceph-client', 'ensure', { cluster, id, caps: {} }).then(() =>
              runScriptWell('ceph-secret', 'ensure', { cluster, host, ...secret }),
            ),
            runScriptWell('rbd-image', 'ensure', { ...image, name }),
            runScriptWell('rbd-snapshot', 'ensure', { cluster, pool: POOL, image: 'image-0', name }),
          ]);
        }
        expect((await there()).filter((one) => !before.includes(one)).sort()).toEqual(asked.sort());
        expectNothingRun();
        for (const name of names) {
          await admin.virsh('secret-undefine', stableUuid('ceph-secret', usageOf(name)));
          await admin.ceph('auth', 'rm', `client.${clientOf(name)}`);
          await admin.ceph('config-key', 'rm', `cdktf-libvirt-ceph/client/${clientOf(name)}`);
        }
      }, 600_000);
    }

    test('added XML arrives byte for byte', async () => {
      const [texts = []] = manyTexts(1);
      const note = texts.join('\n');
      await deployment.deploy((stack) => {
        const vm = vmWith(stack, 'hostile-xml', 'a note in XML');
        vm.addXml(`<note xmlns="urn:note" of="${asXml(texts[0] ?? '')}">${asXml(note)}</note>`, 'metadata');
      });
      const metadata = find(parseXml(await admin.virsh('dumpxml', 'hostile-xml')), 'metadata');
      const found = (metadata ? elementsOf(metadata) : []).find(({ name }) => name.endsWith('note'));
      expect(found?.attributes).toMatchObject({ of: texts[0] });
      expect(found?.children).toEqual([note]);
      expectNothingRun();
    });
  }

  /** Some texts that synth takes in a place: those that stand in each of our ways first. */
  function taken(make: (stack: TerraformStack, text: string) => void): string[] {
    const first = [
      '$(touch pwned)',
      '`touch pwned`',
      "'; touch pwned; '",
      '${HOME} %{ if true }',
      `a'b"c\\d<e>&amp;]]>`,
    ];
    const texts = [
      ...first,
      ...fc.sample(hostileText, { numRuns: 300, seed: 5 }).filter((text) => /[^\w.-]/.test(text)),
    ];
    return texts
      .filter((text) => {
        try {
          make(new TerraformStack(new App({ context: { libvirtCephOwner: 'e2e' } }), 'trial'), text);
          return true;
        } catch {
          return false;
        }
      })
      .slice(0, 4 * TEXTS)
      .filter((text, index, all) => all.indexOf(text) === index && isFileName(text))
      .slice(0, TEXTS);
  }

  function expectNothingRun(): void {
    const places = [work, deployment.stackFolder, process.cwd(), tmpdir(), process.env['HOME'] ?? '/'];
    for (const place of places) expect(existsSync(join(place, 'pwned'))).toBe(false);
    expect(readdirSync(work).filter((name) => name === 'pwned')).toEqual([]);
  }

  function partsOf(stack: TerraformStack) {
    const found = stack.node.tryFindChild('ceph') as CephCluster | undefined;
    if (found)
      return {
        pool: stack.node.findChild('pool') as CephPool,
        secret: stack.node.findChild('secret') as LibvirtCephSecret,
      };
    const cluster = labCluster(stack, lab(), { transport: transport() });
    const host = labHost(stack, lab(), { driver });
    const client = new CephClient(stack, 'hostile-client', { cluster });
    return {
      pool: new CephPool(stack, 'pool', { cluster, poolName: POOL }),
      secret: new LibvirtCephSecret(stack, 'secret', { host, client }),
    };
  }

  function vmWith(stack: TerraformStack, id: string, description: string): RbdBackedVm {
    const { pool, secret } = partsOf(stack);
    const shared = stack.node.tryFindChild('shared') as RbdImage | undefined;
    const image = shared ?? new RbdImage(stack, 'shared', { pool, size: Size.mebibytes(1) });
    const rootDisk = { image, readOnly: true };
    const small = { vcpus: 1, memory: Size.mebibytes(64), rootDisk, running: false };
    return new RbdBackedVm(stack, id, { ...small, secret, description });
  }

  function imageOf(stack: TerraformStack, id: string, file: string): void {
    const source = ImageSource.file(file, { format: 'raw' });
    new RbdImage(stack, id, { pool: partsOf(stack).pool, source });
  }
}

/** Lists of texts that libvirt's XML can hold. */
function manyTexts(lists: number): string[][] {
  const first = ['$(touch pwned)', '`touch pwned`', "'; touch pwned; '", '${HOME} %{ if true }', ']]><x/>'];
  const texts = fc
    .sample(hostileText, { numRuns: 2 * lists * MANY, seed: 5 })
    .filter((text) => /^[\t\n\x20-\x7e\xa0-\ufffd]*$/.test(text) && text === text.normalize('NFC') && isText(text))
    // Refused: Terraform would compose it with the letter by which JSON writes a newline, a tab or '<'.
    .filter((text) => !/(^|[\t\n<>])\p{M}/u.test(text));
  expect(texts.length).toBeGreaterThan(lists * MANY);
  return Array.from({ length: lists }, (_, i) => [...first, ...texts.slice(i * MANY, (i + 1) * MANY)]);
}

function asXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** Without half a surrogate, which no encoding can carry. */
function isText(text: string): boolean {
  return Buffer.from(text).toString() === text;
}

/** As Linux takes it. */
function isFileName(text: string): boolean {
  return !text.includes('/') && Buffer.byteLength(text) < 255 && text !== '.' && text !== '..';
}
