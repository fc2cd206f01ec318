import { copyFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
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

/** The order of the tests is that of the story: deployed, taken away by hand, made again by hand, taken over. */
describe('the runbook of a stack', () => {
  const name = 'rb';
  const [pool, client] = [`${name}-pool`, `${name}-client`];
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
    const golden = new RbdImage(scope, base, {
      ...{ pool: storage.pool, source: ImageSource.file(lab().guestImage) },
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

  /** Bash, in a folder of its own; what it said together. */
  async function bash(file: string): Promise<{ exitCode: number | undefined; said: string }> {
    const { exitCode, all } = await execa('bash', [file], { all: true, reject: false, cwd: deployment.folder });
    return { exitCode, said: all };
  }

  function written(as: string, text: string): string {
    const file = join(deployment.folder, as);
    writeFileSync(file, `${text}\n`);
    return file;
  }

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    await deployment.deploy(stack);
    copyFileSync(state, `${state}.kept`);
    make = written('runbook.sh', (await cli.run('runbook')).stdout);
    undo = written('undo.sh', (await cli.run('runbook', '--undo')).stdout);
  });

  afterAll(async () => {
    await deployment.terraform('destroy', '-auto-approve');
    deployment.remove();
    await admin.wipe(pool);
  });

  test('--undo takes the deployed stack away by its policies, and touches nothing beside it', async () => {
    await admin.rbd('create', '--size', '1M', `${pool}/${name}-foreign`);
    expect(await bash(undo)).toEqual({ exitCode: 0, said: expect.any(String) });
    expect(await admin.inventory(name)).toEqual([
      `image ${pool}/${base}`,
      `image ${pool}/${name}-foreign`,
      `pool ${pool}`,
      `trash ${pool}/${other}-root`,
      `trash ${pool}/${vm}-vdb`,
    ]);
  });

  test('makes the whole stack on a clean lab, and verify is content', async () => {
    await admin.wipe(pool);
    expect(await bash(make)).toEqual({ exitCode: 0, said: expect.any(String) });
    expect(await cli.run('verify')).toMatchObject({
      exitCode: 0,
      stdout: expect.stringMatching(/all as they should be/),
    });
    await deployment.expectWhole();
  });

  test('stops at the first thing that is there when it runs once more, and changes nothing', async () => {
    const { exitCode, said } = await bash(make);
    expect({ exitCode, said }).toEqual({ exitCode: 1, said: expect.stringContaining(`'${pool}' is there already`) });
    await deployment.expectWhole();
  });

  test('is taken over by an apply that has no state, which changes no image and restarts no VM', async () => {
    const seen = async (): Promise<readonly string[]> => [
      await admin.imageId(`${pool}/${vm}-root`),
      await admin.imageId(`${pool}/${vm}-vdb`),
      await admin.virsh('domid', vm),
    ];
    const before = await seen();
    renameSync(state, `${state}.lost`);
    const output = await deployment.apply(stack);
    expect(output).toContain('is taken back from');
    expect(await seen()).toEqual(before);
    await deployment.expectWhole();
  });
});
