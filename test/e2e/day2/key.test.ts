import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import {
  CephClient,
  CephPool,
  Duration,
  LibvirtCephSecret,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  RbdImage,
  Size,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { filesUnder, filesWithKeys, formsOf, textsWithKeys } from '../../helpers/key-search';
import { useLab } from '../../helpers/lab';
import { commandLines, Traced } from '../../helpers/traced';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const POOL = 'key-pool';

/** A second host that does not answer makes the deployment fail while the key is on its way. */
function stackWith(driver: LibvirtDriver, keyGeneration: number, failing = false): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph, host } = world(stack, lab(), driver);
    const pool = new CephPool(stack, POOL, { cluster: ceph });
    const client = new CephClient(stack, 'key-client', { cluster: ceph, keyGeneration });
    pool.grantReadWrite(client);
    const secret = new LibvirtCephSecret(stack, 'secret', { host, client });
    new LibvirtCephSecret(stack, 'readable', { host, client, usage: 'key readable', private: false });
    const image = new RbdImage(stack, 'key-root', { pool, size: Size.mebibytes(8) });
    new RbdBackedVm(stack, 'key-vm', {
      secret,
      vcpus: 1,
      memory: Size.mebibytes(64),
      rootDisk: { image },
      shutdownTimeout: Duration.seconds(1),
    });
    if (!failing) return;
    const gone = new LibvirtHost(stack, 'gone', {
      uri: 'qemu:///system?socket=/nonexistent',
      driver: LibvirtDriver.VIRSH,
    });
    new LibvirtCephSecret(stack, 'nowhere', { host: gone, client });
  };
}

describeByDriver('The key', (driver) => {
  const once = onceFor(driver);
  const deployment = new Deployment('key');
  const traced = new Traced();
  const work = traced.folder;
  const keys = new Set<string>();
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(POOL);
    await deployment.synth(stackWith(driver, 1)).init();
  });

  afterAll(async () => {
    deployment.remove();
    traced.remove();
    await admin.clear('key-');
  });

  once('the search finds a key in an argument, in the environment, or in a file in any form', async () => {
    const key = `AQBzFkRnK7fUOhAA${randomBytes(16).toString('base64')}`;
    await traced.run('argument', undefined, 'sh', '-c', `/bin/echo "$(printf %s ${key.slice(0, 20)})${key.slice(20)}"`);
    await traced.run(
      'environment',
      undefined,
      'sh',
      '-c',
      `A=${key.slice(0, 20)}; export B="\${A}${key.slice(20)}"; /bin/true`,
    );
    formsOf(key).forEach((form, index) =>
      writeFileSync(join(work, `form-${index}`), Buffer.concat([Buffer.from('x'), form])),
    );
    const names = filesWithKeys([key], [work]).map((file) => file.slice(work.length + 1));
    expect(names.filter((name) => name.startsWith('form-'))).toHaveLength(formsOf(key).length);
    expect(names).toEqual(expect.arrayContaining(['argument.trace', 'environment.trace']));
    for (const name of names) rmSync(join(work, name));
  });

  once('the search names a file that is gone by the time it looks, so that no key is missed there', async () => {
    const file = join(work, 'for-a-moment');
    await traced.run('moment', undefined, 'sh', '-c', 'echo key >"$0"; rm "$0"', file);
    expect(traced.vanished()).toEqual([file]);
    rmSync(join(work, 'moment.trace'));
  });

  test('is given to no command of a deployment, a rotation, a failure and a destroy', async () => {
    expect((await terraform('deploy', 'apply', '-auto-approve')).exitCode).toBe(0);
    await learn();
    deployment.synth(stackWith(driver, 2));
    expect((await terraform('plan', 'plan', '-out=plan')).exitCode).toBe(0);
    expect((await terraform('show', 'show', '-json', 'plan')).exitCode).toBe(0);
    expect((await terraform('rotate', 'apply', 'plan')).exitCode).toBe(0);
    await learn();
    deployment.synth(stackWith(driver, 3, true));
    expect((await terraform('fail', 'apply', '-auto-approve')).exitCode).toBe(1);
    await learn();
    expect(keys.size).toBe(3);
    expect(commandLines()).toMatch(/key-vm/);
    expect(textsWithKeys([...keys], { 'command lines': commandLines() })).toEqual([]);
    deployment.synth(stackWith(driver, 3));
    expect((await terraform('destroy', 'destroy', '-auto-approve')).exitCode).toBe(0);
    expect(traced.traces()).toHaveLength(6);
    const text = traced.text();
    for (const seen of [
      '"get-key"',
      '"secret-set-value"',
      '"ceph-authtool"',
      '"import"',
      '"CDKTF_LIBVIRT_CEPH_SPEC=',
    ]) {
      expect(text).toContain(seen);
    }
    expect(text).not.toMatch(/"\.\.\.[,\]]/); // nothing was cut off
    expect(filesWithKeys([...keys], traced.traces())).toEqual([]);
  });

  test('is in no state, plan, log or temporary file, and not in the synthesized folder', () => {
    expect(readFileSync(join(work, 'rotate.log'), 'latin1')).toContain('[TRACE]');
    expect(filesWithKeys([...keys], [work, deployment.folder])).toEqual([]);
  });

  test('is in no file that any of the commands has written', () => {
    const files = traced.written();
    expect(files.length).toBeGreaterThan(0);
    expect(filesWithKeys([...keys], files)).toEqual([]);
    expect(traced.vanished()).toEqual([]);
  });

  test("is in no log of Ceph, libvirt or QEMU, and neither is the administrator's key", async () => {
    const { folder, hosts } = lab();
    const places = [join(folder, 'ceph', 'log'), ...outputsIn(folder), ...hosts.map(({ logFolder }) => logFolder)];
    const logs = filesUnder(places);
    for (const log of ['ceph-mon.out', 'libvirtd.out', 'qemu/key-vm.log'])
      expect(logs).toContainEqual(expect.stringContaining(log));
    expect(filesWithKeys([...keys], logs)).toEqual([]);
    const own = (await admin.ceph('auth', 'get-key', 'client.admin')).trim();
    expect(filesWithKeys([own], [...logs, work, deployment.folder])).toEqual([]);
  });

  /** Every key that the client has ever had. */
  async function learn(): Promise<void> {
    keys.add((await admin.ceph('auth', 'get-key', 'client.key-client')).trim());
  }

  const terraform = (name: string, verb: string, ...args: string[]) =>
    traced.terraform(name, deployment.stackFolder, verb, ...args);
});

/** The output of the lab's daemons. */
function outputsIn(folder: string): string[] {
  return ['ceph', 'kvm1'].flatMap((part) =>
    readdirSync(join(folder, part))
      .filter((name) => name.endsWith('.out'))
      .map((name) => join(folder, part, name)),
  );
}
