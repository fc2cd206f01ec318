import { createHash } from 'node:crypto';
import type { HostSpec } from '../../lib/model';
import { findAll, textAt } from '../../lib/render/xml';
import { renderSecret } from '../../lib/render/secret';
import { virsh } from '../../lib/steps/commands';
import { findSecret } from '../../lib/steps/ceph-secret/secret';
import { observeDomain } from '../../lib/steps/domain/observed-domain';
import { usersOfSecret } from '../../lib/steps/libvirt';
import { findPool } from '../../lib/steps/storage-pool/lookup';
import { ToolError, type Tools } from '../../lib/steps/tools';

/** A host with which the suite may do as it likes. */
export interface ContractHost {
  readonly tools: Tools;
  readonly host: HostSpec;
  /** Names for this run only. */
  readonly name: (text: string) => string;
}

const UUIDS = { pool: 'c0', domain: 'd0', secret: 'e0', other: 'e1' } as const;
const uuidOf = (of: keyof typeof UUIDS): string => `${UUIDS[of]}c1f7c5-52a0-4f0e-9b7b-2a34c3a6e5d1`;
const URI = 'urn:cdktf-libvirt-ceph:contract';

/** What the steps rely on in libvirt, and in virsh's output; run on the host in memory and on a real one. */
export function libvirtContract(given: () => ContractHost): void {
  const run = (...args: string[]): Promise<string> => given().tools.run(virsh(given().host, ...args));
  const give = (input: string, ...args: string[]): Promise<string> =>
    given().tools.run(virsh(given().host, ...args), { input });
  const failing = (work: Promise<unknown>): Promise<unknown> => work.catch((error: unknown) => error);

  describe('a storage pool', () => {
    const name = (): string => given().name('pool');
    const found = () => findPool(given().host, name(), given().tools);
    const xml = (path: string): string =>
      `<pool type='dir'><name>${name()}</name><uuid>${uuidOf('pool')}</uuid><target><path>${path}</path></target></pool>`;

    test('is distinguished from one that does not exist', async () => {
      expect(await found()).toBeUndefined();
      await give(xml('/tmp'), 'pool-define', '/dev/stdin');
      const kept = { uuid: uuidOf('pool'), autostart: false, persistent: true, live: undefined };
      expect(await found()).toMatchObject(kept);
    });

    test('keeps running with the definition it was started with, whatever is defined later', async () => {
      await run('pool-autostart', name());
      await run('pool-start', name());
      await give(xml('/var'), 'pool-define', '/dev/stdin');
      const { definition, live, autostart } = (await found()) ?? {};
      expect([definition, live].map((one) => one && textAt(one, 'target/path'))).toEqual(['/var', '/tmp']);
      expect(autostart).toBe(true);
    });

    test('cannot be undefined while it runs, and is gone once it is stopped and undefined', async () => {
      await run('pool-autostart', name(), '--disable');
      await run('pool-destroy', name());
      expect(await found()).toMatchObject({ autostart: false, live: undefined });
      await run('pool-undefine', name());
      expect(await found()).toBeUndefined();
    });

    test('disappears when it stops, if it has no definition', async () => {
      await give(xml('/tmp'), 'pool-create', '/dev/stdin');
      expect(await found()).toMatchObject({ persistent: false, live: expect.anything() });
      await run('pool-destroy', name());
      expect(await found()).toBeUndefined();
    });
  });

  describe('a secret', () => {
    const usage = (): string => given().name('a usage');
    const found = (of: keyof typeof UUIDS = 'secret') =>
      findSecret({ host: given().host, usage: usage(), uuid: uuidOf(of) }, given().tools);
    const define = (of: 'secret' | 'other', isPrivate: boolean, description = 'for a test'): Promise<string> => {
      const xml = renderSecret({ uuid: uuidOf(of), usage: usage(), private: isPrivate, description });
      return give(xml, 'secret-define', '/dev/stdin');
    };
    const value = (): Promise<string> =>
      given().tools.digest(virsh(given().host, 'secret-get-value', uuidOf('secret')));

    test('is distinguished from one that does not exist, whatever its UUID', async () => {
      expect(await found()).toBeUndefined();
      await define('secret', false);
      const shown = { uuid: uuidOf('secret'), private: false, ephemeral: false, description: 'for a test' };
      expect(await found()).toMatchObject(shown);
      expect(await found('other')).toMatchObject(shown);
    });

    test('is the only one with its usage', async () => {
      expect(await failing(define('other', false))).toBeInstanceOf(ToolError);
    });

    test('has no value at first, and keeps its value when it is defined again', async () => {
      expect(String(await failing(value()))).toContain('does not have a value');
      await give('QUJD', 'secret-set-value', uuidOf('secret'), '--file', '/dev/stdin');
      await define('secret', false, 'for another test');
      expect(await found()).toMatchObject({ description: 'for another test' });
      expect(await value()).toBe(createHash('sha256').update('QUJD').digest('hex'));
    });

    test('cannot be read back when it is private, nor made readable', async () => {
      await define('secret', true);
      expect(await failing(value())).toBeInstanceOf(ToolError);
      expect(await failing(define('secret', false))).toBeInstanceOf(ToolError);
    });

    test('is referenced by usage or by UUID', async () => {
      const auth = (how: string): string => `<auth username='x'><secret type='ceph' ${how}/></auth>`;
      const disk = `<disk type='network'><source protocol='rbd' name='p/i'><host name='localhost'/>${auth(`uuid='${uuidOf('secret')}'`)}</source><target dev='vda'/></disk>`;
      await give(domainXml(given().name('user'), 64, disk), 'define', '/dev/stdin');
      const users = () => usersOfSecret(given().host, usage(), uuidOf('secret'), given().tools);
      expect(await users()).toEqual([`VM '${given().name('user')}'`]);
      await run('undefine', given().name('user'));
      expect(await users()).toEqual([]);
      await run('secret-undefine', uuidOf('secret'));
      expect(await found()).toBeUndefined();
    });
  });

  describe('a VM', () => {
    const name = (): string => given().name('vm');
    const found = () => observeDomain(given().tools, given().host, name());
    const define = (mebibytes: number): Promise<string> => give(domainXml(name(), mebibytes), 'define', '/dev/stdin');

    test('is distinguished from one that does not exist', async () => {
      expect(await found()).toBeUndefined();
      await define(32);
      expect(await found()).toMatchObject({ state: 'shut off', persistent: true, autostart: false, live: undefined });
    });

    test('gains and loses a disk through its definition while it is off', async () => {
      const disk = `<disk type='network' device='disk'><source protocol='rbd' name='p/i'><host name='localhost'/></source><target dev='vdb' bus='virtio'/></disk>`;
      const targets = async (): Promise<unknown[]> =>
        findAll((await found())?.definition ?? { name: '', attributes: {}, children: [] }, 'devices/disk/target').map(
          ({ attributes }) => attributes['dev'],
        );
      await give(disk, 'attach-device', name(), '/dev/stdin', '--config');
      expect(await targets()).toEqual(['vdb']);
      await run('detach-disk', name(), 'vdb', '--config');
      expect(await targets()).toEqual([]);
    });

    test('keeps running with the definition it was started with, whatever is defined later', async () => {
      await run('start', name());
      await run('autostart', name());
      await define(48);
      const { state, reason, definition, live, autostart } = (await found()) ?? {};
      expect({ state, reason, autostart }).toEqual({ state: 'running', reason: 'booted', autostart: true });
      const memory = [definition, live].map((one) => one && textAt(one, 'memory'));
      expect(memory).toEqual([48, 32].map((mebibytes) => String(mebibytes * 1024)));
    });

    test('keeps a text in its definition and another in the running domain', async () => {
      const at = ['metadata', name(), '--uri', URI];
      await run(...at, '--key', 'k', '--set', '<mark>text</mark>', '--live', '--config');
      const texts = async (): Promise<unknown[]> => {
        const { definition, live } = (await found()) ?? {};
        return [definition, live].map((one) => one && textAt(one, 'metadata/k:mark'));
      };
      expect(await texts()).toEqual(['text', 'text']);
      await run(...at, '--remove', '--live', '--config');
      expect(await texts()).toEqual([undefined, undefined]);
    });

    test('says why it is paused, and resumes', async () => {
      await run('suspend', name());
      expect(await found()).toMatchObject({ state: 'paused', reason: 'user' });
      await run('resume', name());
      expect(await found()).toMatchObject({ state: 'running' });
    });

    test('runs on without a definition, and disappears when it stops', async () => {
      await run('autostart', '--disable', name());
      await run('undefine', name());
      expect(await found()).toMatchObject({ state: 'running', persistent: false });
      await run('destroy', name());
      expect(await found()).toBeUndefined();
    });
  });
}

/** Without anything bootable. */
function domainXml(name: string, mebibytes: number, devices = ''): string {
  return `<domain type='qemu'><name>${name}</name><uuid>${uuidOf('domain')}</uuid><memory unit='KiB'>${mebibytes * 1024}</memory>
    <vcpu>1</vcpu><os><type arch='x86_64' machine='pc'>hvm</type></os><devices>${devices}</devices></domain>`;
}
