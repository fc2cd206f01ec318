import { randomBytes } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
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
import { describeByDriver } from '../../helpers/drivers';
import { filesWithKeys, formsOf, textsWithKeys } from '../../helpers/key-search';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const POOL = 'key-pool';

/** A second host that does not answer makes the deployment fail with the key on its way. */
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

describeByDriver('the key', (driver) => {
  const deployment = new Deployment('key');
  const work = mkdtempSync(join(tmpdir(), 'clc-trace-'));
  const temporary = join(work, 'tmp');
  const keys = new Set<string>();
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(POOL);
    mkdirSync(temporary);
    await deployment.synth(stackWith(driver, 1)).init();
  }, 60_000);

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    rmSync(work, { recursive: true });
    await admin.wipe(POOL);
  }, 300_000);

  test('the search finds one that stands in an argument, in the environment, or in a file in any form', async () => {
    const key = `AQBzFkRnK7fUOhAA${randomBytes(16).toString('base64')}`;
    await traced('argument', 'sh', '-c', `/bin/echo "$(printf %s ${key.slice(0, 20)})${key.slice(20)}"`);
    await traced('environment', 'sh', '-c', `A=${key.slice(0, 20)}; export B="\${A}${key.slice(20)}"; /bin/true`);
    formsOf(key).forEach((form, index) =>
      writeFileSync(join(work, `form-${index}`), Buffer.concat([Buffer.from('x'), form])),
    );
    const names = filesWithKeys([key], [work]).map((file) => file.slice(work.length + 1));
    expect(names.filter((name) => name.startsWith('form-'))).toHaveLength(formsOf(key).length);
    expect(names).toEqual(expect.arrayContaining(['argument.trace', 'environment.trace']));
    for (const name of names) rmSync(join(work, name));
  }, 60_000);

  test('no command that a deployment, a rotation, a failure and a destroy run is given it', async () => {
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
    const traces = readdirSync(work).filter((name) => name.endsWith('.trace'));
    expect(traces).toHaveLength(6);
    const text = traces.map((name) => readFileSync(join(work, name), 'latin1')).join('\n');
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
    expect(
      filesWithKeys(
        [...keys],
        traces.map((name) => join(work, name)),
      ),
    ).toEqual([]);
  }, 300_000);

  test('it is in no state, plan, log or temporary file, and not in the synthesized folder', () => {
    expect(readFileSync(join(work, 'rotate.log'), 'latin1')).toContain('[TRACE]');
    expect(filesWithKeys([...keys], [work, deployment.folder])).toEqual([]);
  });

  test('it is in no file that any of the commands has written', () => {
    const traces = readdirSync(work).filter((name) => name.endsWith('.trace'));
    const opened = traces.flatMap((name) =>
      [
        ...readFileSync(join(work, name), 'latin1').matchAll(
          /open(?:at)?\((?:AT_FDCWD, )?"(\/[^"]*)", [^)]*O_(?:WRONLY|RDWR|CREAT)/g,
        ),
      ].map(([, file = '']) => file),
    );
    const files = [...new Set(opened)].filter((file) => !/^\/(dev|proc|sys)\//.test(file));
    expect(files.length).toBeGreaterThan(0);
    expect(filesWithKeys([...keys], files)).toEqual([]);
  });

  /** Every key that the client has ever had. */
  async function learn(): Promise<void> {
    keys.add((await admin.ceph('auth', 'get-key', 'client.key-client')).trim());
  }

  function terraform(name: string, ...args: string[]) {
    const [verb = '', ...rest] = args;
    return traced(name, 'terraform', verb, '-no-color', ...(verb === 'show' ? [] : ['-input=false']), ...rest);
  }

  /** Writes down every command that is started, with all of its arguments and its environment, and every file that is written. */
  async function traced(name: string, ...argv: string[]) {
    const trace = ['-f', '--seccomp-bpf', '-qq', '-e', 'trace=execve,open,openat,creat', '-v', '-s', '200000'];
    const result = await execa('strace', [...trace, '-o', join(work, `${name}.trace`), ...argv], {
      cwd: deployment.stackFolder,
      env: { CHECKPOINT_DISABLE: '1', TMPDIR: temporary, TF_LOG: 'TRACE', TF_LOG_PATH: join(work, `${name}.log`) },
      reject: false,
      all: true,
      stdin: 'ignore',
    });
    writeFileSync(join(work, `${name}.output`), result.all);
    return result;
  }
});

/** Of all processes, with their environments: the QEMU of a VM is none of the traced. */
function commandLines(): string {
  const read = (file: string): string => {
    try {
      return readFileSync(file, 'latin1');
    } catch {
      return ''; // it has ended
    }
  };
  const processes = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return processes.map((pid) => `${read(`/proc/${pid}/cmdline`)}\n${read(`/proc/${pid}/environ`)}`).join('\n');
}
