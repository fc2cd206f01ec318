import { existsSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephPool,
  CephRbdStoragePool,
  Duration,
  ImageSource,
  RbdBackedVm,
  RbdImage,
  RbdSnapshot,
  RemovalPolicy,
  Size,
  Transport,
} from '../../../constructs';
import { CommandLine } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { useLab, wordsInto } from '../../helpers/lab';
import { Admin, labCluster, labHost } from '../../helpers/world';

const lab = useLab();

/** The tests run in the order of a story: deployed, removed by hand, made again by hand, taken over. */
describe('the runbook of a stack', () => {
  const name = 'by-hand';
  const [pool, spare, client] = [`${name}-pool`, `${name}-spare`, `${name}-client`];
  const [base, vm, other] = [`${name}-base`, `${name}-vm`, `${name}-other`];
  const deployment = new Deployment(name);
  const cli = new CommandLine(deployment);
  const state = join(deployment.stackFolder, 'terraform.tfstate');
  let admin: Admin;
  let make = '';
  let undo = '';

  const stack = (scope: TerraformStack): void => {
    const cluster = labCluster(scope, lab());
    const host = labHost(scope, lab(), { transport: Transport.command(wordsInto(lab())) });
    const storage = new CephRbdStoragePool(scope, `${name}-storage`, {
      ...{ host, cluster, poolName: pool, clientId: client },
    });
    new CephPool(scope, spare, { cluster, removalPolicy: RemovalPolicy.DELETE });
    const golden = new RbdImage(scope, base, {
      ...{ pool: storage.pool, source: ImageSource.file(lab().bootSectorImage) },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    new RbdSnapshot(scope, `${name}-snapshot`, { image: golden, snapshotName: 'first' });
    const small = { storage, vcpus: 1, memory: Size.mebibytes(32), shutdownTimeout: Duration.seconds(1) };
    const root = new RbdImage(scope, `${vm}-root`, {
      ...{ pool: storage.pool, source: ImageSource.clone(golden), size: Size.mebibytes(96) },
      removalPolicy: RemovalPolicy.DELETE,
    });
    new RbdBackedVm(scope, vm, {
      ...small,
      rootDisk: { image: root },
      dataDisks: [{ target: 'vdb', size: Size.mebibytes(8) }],
      description: "XML\n$(touch pwned) `touch pwned` 'it''s'",
    });
    new RbdBackedVm(scope, other, { ...small, rootDisk: { source: ImageSource.blank(), size: Size.mebibytes(8) } });
  };

  /** Runs bash in a separate folder; returns everything that it printed. */
  async function bash(script: string): Promise<{ exitCode: number | undefined; said: string }> {
    const file = join(deployment.folder, 'script.sh');
    writeFileSync(file, `${script}\n`);
    const { exitCode, all } = await execa('bash', [file], { all: true, reject: false, cwd: deployment.folder });
    return { exitCode, said: all };
  }

  async function expectWell(script: string): Promise<string> {
    const { exitCode, said } = await bash(script);
    expect({ exitCode, said }).toEqual({ exitCode: 0, said });
    return said;
  }

  async function expectStopped(script: string, said: string): Promise<void> {
    expect(await bash(script)).toEqual({ exitCode: 1, said: expect.stringContaining(said) });
  }

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool, spare);
    await deployment.deploy(stack);
    await admin.ceph('config', 'set', 'mon', 'mon_allow_pool_delete', 'true');
    make = (await cli.run('runbook')).stdout;
    undo = (await cli.run('runbook', '--undo')).stdout;
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear(name);
  });

  test('--undo deletes no pool that holds anything', async () => {
    const image = `${spare}/${name}-foreign`;
    await admin.rbd('create', '--size', '1M', image);
    const { stdout } = await cli.run('runbook', '--undo', spare);
    await expectStopped(stdout, `${name}-foreign\nremove this first`);
    expect(await admin.imageId(image)).toMatch(/^[0-9a-f]+$/);
    await admin.rbd('rm', '--no-progress', image);
  });

  test('--undo takes the deployed stack away by its policies, and touches nothing beside it', async () => {
    await admin.rbd('create', '--size', '1M', `${pool}/${name}-foreign`);
    await expectWell(undo);
    expect(await admin.inventory(name)).toEqual([
      `image ${pool}/${base}`,
      `image ${pool}/${name}-foreign`,
      `pool ${pool}`,
      `trash ${pool}/${other}-root`,
      `trash ${pool}/${vm}-vdb`,
    ]);
  });

  test('makes no blank disk while its data waits in the trash', async () => {
    const { stdout } = await cli.run('runbook', `${vm}-vdb`);
    await expectStopped(stdout, `'${vm}-vdb' already exists`);
  });

  test('makes the whole stack on a clean lab without a word of its key, and verify is content', async () => {
    await admin.wipe(pool);
    const said = await expectWell(make);
    expect(await cli.run('verify')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/, all as/) });
    await deployment.expectWhole();
    expect(existsSync(join(deployment.folder, 'pwned'))).toBe(false);
    expect(said + make + undo).not.toContain(await admin.ceph('auth', 'get-key', `client.${client}`));
  });

  test('stops at the first thing that is there when it runs once more, and changes nothing', async () => {
    await expectStopped(make, 'already exists: it was not changed');
    await deployment.expectWhole();
  });

  test('is taken over by an apply without a state, which makes no image anew and restarts no VM', async () => {
    const seen = async (): Promise<readonly string[]> => [
      await admin.imageId(`${pool}/${vm}-root`),
      await admin.imageId(`${pool}/${vm}-vdb`),
      await admin.virsh('domid', vm),
    ];
    const before = await seen();
    renameSync(state, `${state}.lost`);
    expect(await deployment.apply(stack)).toContain('is taken back from the entry');
    expect(await seen()).toEqual(before);
    await deployment.expectWhole();
  });

  test('--undo of the state before takes nothing away of what another state holds now', async () => {
    await expectStopped(undo, 'it was not changed');
    await deployment.expectWhole();
  });
});
