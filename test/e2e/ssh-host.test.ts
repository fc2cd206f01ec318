import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, ImageSource, RbdBackedVm, RbdImage, RestartPolicy, Size } from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { describeByDriver } from '../helpers/drivers';
import { useLab, wordsInto } from '../helpers/lab';
import { Sshd } from '../helpers/sshd';
import { Admin, labCluster, labHost } from '../helpers/world';

const lab = useLab();

describeByDriver('A libvirt host over ssh', (driver, prefix) => {
  const name = (word: string): string => `${prefix}sshh-${word}`;
  const consoleLog = `${name('console')}.log`;
  const sshd = new Sshd();
  const path = process.env['PATH'];
  const deployment = new Deployment(name('stack'));
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(name('pool'));
    await sshd.start(wordsInto(lab()));
    process.env['PATH'] = sshd.path;
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear(name(''));
    process.env['PATH'] = path;
    await sshd.stop();
  });

  function stack(uri: string, memory: number): (stack: TerraformStack) => void {
    return (scope) => {
      const ceph = labCluster(scope, lab());
      const host = labHost(scope, lab(), { uri, driver });
      const storage = new CephRbdStoragePool(scope, name('storage'), {
        host,
        cluster: ceph,
        poolName: name('pool'),
        clientId: name('client'),
      });
      const golden = new RbdImage(scope, name('golden'), {
        pool: storage.pool,
        source: ImageSource.file(lab().bootSectorImage),
      });
      new RbdBackedVm(scope, name('vm'), {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(memory),
        rootDisk: { source: ImageSource.clone(golden) },
        serialLogFile: `/var/log/libvirt/qemu/${consoleLog}`,
        restartPolicy: RestartPolicy.NOW,
      });
    };
  }

  /** With the provider's own client, which ignores ssh's configuration, and with virsh's `ssh`, which reads it. */
  const ownClient = (): string => {
    const query = `keyfile=${sshd.keyFile}&knownhosts=${sshd.knownHosts}`;
    return `qemu+ssh://root@127.0.0.1:${sshd.port}/system?${query}`;
  };
  /** With the program `ssh` for both. */
  const program = (): string => `qemu+sshcmd://root@127.0.0.1:${sshd.port}/system?keyfile=${sshd.keyFile}`;

  test('gets a storage pool and a VM that boots', async () => {
    sshd.users();
    await deployment.deploy(stack(ownClient(), 256));
    await admin.seen(consoleLog, /GUEST UP/, 0);
    expect(await admin.inventory(name(''))).toEqual([
      `client client.${name('client')}`,
      `domain ${name('vm')}`,
      `image ${name('pool')}/${name('golden')}`,
      `image ${name('pool')}/${name('vm')}-root`,
      `pool ${name('pool')}`,
      `secret client.${name('client')} secret`,
      `storage-pool ${name('storage')}`,
    ]);
    expect(sshd.users()).toEqual(['root']);
  });

  test('changes them when it is reached another way', async () => {
    const before = admin.console(consoleLog).length;
    await deployment.deploy(stack(program(), 320));
    await admin.seen(consoleLog, /GUEST UP/, before);
    expect(await admin.virsh('dumpxml', '--inactive', name('vm'))).toContain("<memory unit='KiB'>327680</memory>");
  });

  test('keeps none of it after a destroy', async () => {
    await deployment.destroy();
    // The images are in the trash of the pool, which stays.
    expect(await admin.inventory(name(''))).toEqual([
      `pool ${name('pool')}`,
      `trash ${name('pool')}/${name('golden')}`,
      `trash ${name('pool')}/${name('vm')}-root`,
    ]);
  });
});
