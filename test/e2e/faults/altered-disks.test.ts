import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephRbdStoragePool, Duration, LibvirtDriver, RbdBackedVm, RestartPolicy, Size } from '../../../constructs';
import { CommandLine } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const LETTER = 'Z';

describeByDriver('A VM whose disk is not what it was defined as', (driver, prefix) => {
  const once = onceFor(driver);
  const name = (word: string): string => `${prefix}alt-${word}`;
  const vm = name('vm');
  const image = `${name('pool')}/${vm}-root`;
  const deployment = new Deployment(name('stack'));
  const cli = new CommandLine(deployment);
  let folder: string;
  let admin: Admin;
  let overlay: string;

  function stack(description: string, withData = true): (stack: TerraformStack) => void {
    return (scope) => {
      const { ceph, host } = world(scope, lab(), driver);
      const access = { poolName: name('pool'), clientId: name('client') };
      const storage = new CephRbdStoragePool(scope, name('storage'), { host, cluster: ceph, ...access });
      new RbdBackedVm(scope, vm, {
        storage,
        description,
        vcpus: 1,
        memory: Size.mebibytes(32),
        rootDisk: { size: Size.mebibytes(8) },
        dataDisks: withData ? [{ target: 'vdb', size: Size.mebibytes(8) }] : [],
        shutdownTimeout: Duration.seconds(2),
        restartPolicy: RestartPolicy.NOW,
      });
    };
  }

  /** An external snapshot of one disk, as a backup tool makes it: everything that the guest writes then goes there. */
  async function snapshotOf(target: string): Promise<void> {
    const other = target === 'vda' ? 'vdb' : 'vda';
    const disks = ['--diskspec', `${target},file=${overlay}`, '--diskspec', `${other},snapshot=no`];
    await admin.virsh('snapshot-create-as', vm, '--disk-only', '--no-metadata', ...disks);
  }

  const state = async (): Promise<string> => (await admin.virsh('domstate', vm)).trim();
  const source = async (target: string): Promise<string | undefined> =>
    new RegExp(`^ *${target} +(\\S+)`, 'm').exec(await admin.virsh('domblklist', '--inactive', vm))?.[1];
  const firstByte = async (): Promise<string> => (await admin.firstBytes(image)).charAt(0);
  /** The command in an error that repairs it, as a person copies it. */
  const follow = (error: string): Promise<unknown> => {
    // Terraform wraps the line, and so splits the long path of the lab's socket from the word before.
    const line = /with '(virsh [^']*)'/.exec(error.replaceAll('&amp;', '&'))?.[1];
    expect(line).toBeDefined();
    return execa('sh', ['-ec', line ?? 'false']);
  };

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'altered-'));
    overlay = join(folder, 'vm.s1');
    admin = new Admin(lab());
    await admin.wipe(name('pool'));
    await execa('chmod', ['0777', folder]);
    await deployment.deploy(stack('first'));
  });
  afterAll(async () => {
    deployment.remove();
    rmSync(folder, { recursive: true, force: true });
    await admin.clear(name(''));
  });

  const IS_OVERLAY = /disk vda is the overlay '\S+' over '\S+-root' \(an external snapshot\)/;

  test('is not changed with an overlay, and keeps what the guest wrote; the error and verify name the command that merges it', async () => {
    await snapshotOf('vda');
    await admin.write(vm, 'vda', LETTER);
    // The provider itself would reset it, even if nothing has changed in the code.
    expect(await deployment.plannedChanges()).toEqual([]);
    expect(await deployment.failToDeploy(stack('second'))).toMatch(IS_OVERLAY);
    expect([await state(), await source('vda')]).toEqual(['running', overlay]);
    const verified = await cli.run('verify');
    expect(verified).toMatchObject({ exitCode: 2, stdout: expect.stringMatching(IS_OVERLAY) });
    expect(verified.stdout).toContain(` blockcommit ${vm} vda --active --pivot'`);
  });

  once('is not snapshotted, rolled back or exported with an overlay', async () => {
    for (const args of [
      ['snapshot', vm, 'now'],
      ['rollback', vm, 'now', '--yes'],
      ['export', vm, 'now', folder],
    ]) {
      expect(await cli.run(...args)).toMatchObject({ exitCode: 1, stderr: expect.stringMatching(IS_OVERLAY) });
    }
    expect(await admin.rbd('snap', 'ls', image)).not.toContain('now');
  });

  test('is not destroyed with an overlay, and neither are its images', async () => {
    const { exitCode, output } = await deployment.terraform('destroy', '-auto-approve');
    expect({ exitCode, output: output.replace(/\n[│ ]*/g, ' ') }).toEqual({
      exitCode: 1,
      output: expect.stringMatching(IS_OVERLAY),
    });
    expect([await state(), await source('vda')]).toEqual(['running', overlay]);
    expect(await admin.inventory(name(''))).toContain(`image ${image}`);
  });

  test('is not started with an overlay; the command that merges it restores it with what the guest wrote', async () => {
    await admin.virsh('destroy', vm);
    expect(await deployment.failToDeploy(stack('second'))).toMatch(IS_OVERLAY);
    expect([await state(), await source('vda')]).toEqual(['shut off', overlay]);
    await follow((await cli.run('verify')).stdout);
    expect([await state(), await source('vda'), await firstByte()]).toEqual(['shut off', image, LETTER]);
    await deployment.deploy(stack('second'));
    expect([await state(), await source('vda'), await firstByte()]).toEqual(['running', image, LETTER]);
  });

  once('keeps a data disk that has an overlay, and the image of that disk is not removed', async () => {
    rmSync(overlay);
    await snapshotOf('vdb');
    const error = await deployment.failToDeploy(stack('second', false));
    expect(error).toMatch(/disk vdb( of VM '\S+')? is the overlay/);
    expect(await source('vdb')).toBe(overlay);
    expect(await admin.inventory(name(''))).toContain(`image ${name('pool')}/${vm}-vdb`);
    await follow(error);
    await deployment.deploy(stack('second'));
  });

  const jobs: [what: string, begin: () => Promise<unknown>, end: () => Promise<unknown>, said: RegExp][] = [
    [
      'copied',
      () => admin.virsh('blockcopy', vm, 'vda', '--dest', join(folder, 'copy'), '--wait', '--transient-job'),
      () => admin.virsh('blockjob', vm, 'vda', '--abort'),
      /disk vda is being copied to '\S+copy'/,
    ],
    [
      'merged',
      async () => {
        rmSync(overlay, { force: true });
        await snapshotOf('vda');
        await admin.virsh('blockcommit', vm, 'vda', '--active', '--wait');
      },
      () => admin.virsh('blockjob', vm, 'vda', '--pivot'),
      /disk vda is being merged into '\S+-root' \(a block commit that is not pivoted\)/,
    ],
    [
      'backed up',
      () => {
        const disk = `<disk name='vda' backup='yes' type='file'><scratch file='${join(folder, 'scratch')}'/></disk>`;
        const server = `<server transport='unix' socket='${join(folder, 'nbd')}'/>`;
        const file = join(folder, 'backup.xml');
        writeFileSync(
          file,
          `<domainbackup mode='pull'>${server}<disks>${disk}<disk name='vdb' backup='no'/></disks></domainbackup>`,
        );
        return admin.virsh('backup-begin', vm, file);
      },
      () => admin.virsh('domjobabort', vm),
      /\(Backup\)[;,] wait until that has ended/,
    ],
  ];
  once.each(jobs)('is neither changed nor shut down while it is %s', async (_, begin, end, said) => {
    await begin();
    expect(await deployment.failToDeploy(stack('third'))).toMatch(said);
    expect([await state(), (await cli.run('verify')).stdout]).toEqual(['running', expect.stringMatching(said)]);
    await end();
    await deployment.deploy(stack('second'));
  });

  once('keeps another image that somebody gave it, and the code can give it another', async () => {
    const other = `${name('pool')}/restored`;
    await admin.rbd('create', '--size', '8M', other);
    await admin.virsh('destroy', vm);
    const file = join(folder, 'edited.xml');
    writeFileSync(file, (await admin.virsh('dumpxml', '--inactive', vm)).replace(`name='${image}'`, `name='${other}'`));
    await admin.virsh('define', file);
    expect(await deployment.failToDeploy(stack('fourth'))).toContain(
      `disk vda is '${other}', but was defined as '${image}'`,
    );
    expect([await state(), await source('vda')]).toEqual(['shut off', other]);
    writeFileSync(file, (await admin.virsh('dumpxml', '--inactive', vm)).replace(`name='${other}'`, `name='${image}'`));
    await admin.virsh('define', file);
    await deployment.deploy(stack('fourth'));
  });

  if (driver === LibvirtDriver.PROVIDER) {
    test('does not lose it to an apply that is limited to its object', async () => {
      deployment.synth(stack('fifth'));
      const { exitCode, output } = await deployment.terraform(
        'apply',
        '-auto-approve',
        `-target=terraform_data.${vm}_spec`,
      );
      expect({ exitCode, output: output.replace(/\n[│ ]*/g, ' ') }).toEqual({
        exitCode: 1,
        output: expect.stringContaining("apply without '-target'"),
      });
      expect(await state()).toBe('running');
      await deployment.deploy(stack('fifth'));
    });
  }
});
