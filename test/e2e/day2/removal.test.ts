import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import {
  CephPool,
  Duration,
  ImageSource,
  RbdImage,
  RemovalPolicy,
  Size,
  type RbdImageProps,
} from '../../../constructs';
import { Deployment } from '../../helpers/deploy';
import { useLab } from '../../helpers/lab';
import { Admin, world } from '../../helpers/world';

const lab = useLab();
const POOL = 'removal-pool';
const MIB = Size.mebibytes(8);
const folder = mkdtempSync(join(tmpdir(), 'rem-'));
const DATA = join(folder, 'parent.raw');

type Images = { readonly [name: string]: Omit<RbdImageProps, 'pool'> };

const IMAGES: Images = {
  kept: { size: MIB, removalPolicy: RemovalPolicy.RETAIN },
  trashed: { size: MIB, trashExpiry: Duration.days(2) },
  deleted: { size: MIB, removalPolicy: RemovalPolicy.DELETE },
  changed: { size: MIB },
  parent: { source: ImageSource.file(DATA), trashExpiry: Duration.seconds(1) },
};

describe('What leaves the code follows the policy that the last apply knew', () => {
  const deployment = new Deployment('removal');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    writeFileSync(DATA, Buffer.alloc(4 * 2 ** 20, 'the data of an image '));
    await admin.wipe(POOL);
    await deployment.deploy(stackWith({ images: IMAGES, clone: true }));
  });

  afterAll(async () => {
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.wipe(POOL);
  });

  test('another policy is an update of the registry entry that runs and replaces nothing', async () => {
    const images = { ...IMAGES, changed: { size: MIB, removalPolicy: RemovalPolicy.DELETE } };
    deployment.synth(stackWith({ images, clone: true }));
    expect(await deployment.plannedChanges()).toEqual([`terraform_data.ceph_images["${POOL}/changed"]: update`]);
    await deployment.must('apply', '-auto-approve');
    await deployment.expectWhole();
  });

  test('RETAIN keeps, TRASH moves to the trash, DELETE deletes, even when the previous apply changed the policy', async () => {
    await deployment.deploy(stackWith({ images: {}, clone: true }));
    expect(await admin.inventory(POOL)).toEqual([
      `image ${POOL}/child`,
      `image ${POOL}/kept`,
      `pool ${POOL}`,
      `trash ${POOL}/parent`,
      `trash ${POOL}/trashed`,
    ]);
  });

  test('what was retained is released, and its own stack takes it back without a warning', async () => {
    const id = await admin.rbd('info', `${POOL}/kept`);
    const output = await deployment.deploy(stackWith({ images: { kept: IMAGES['kept'] as object }, clone: true }));
    expect(output).not.toMatch(/local-exec\): Warning/);
    expect(await admin.rbd('info', `${POOL}/kept`)).toBe(id);
    await deployment.deploy(stackWith({ images: {}, clone: true }));
  });

  test('the trash keeps an image until its expiry, and rbd refuses to remove it before', async () => {
    const [line = ''] = (await admin.rbd('trash', 'ls', '--long', POOL))
      .split('\n')
      .filter((one) => / trashed /.test(one));
    const until = Date.parse(
      /expires at (.*?) *\)?$|protected until (.*?)\s*$/.exec(line)?.slice(1).find(Boolean) ?? '',
    );
    expect(Math.round((until - Date.now()) / 86_400_000)).toBe(2);
    const id = line.trim().split(/ +/)[0] ?? '';
    await expect(admin.rbd('trash', 'rm', '--no-progress', `${POOL}/${id}`)).rejects.toThrow(
      /Deferment time has not expired/,
    );
  });

  test('an expired parent is not purged while a clone of it lives, and the clone reads its data', async () => {
    const parent = (await trashed()).find(({ name }) => name === 'parent');
    await sleep(1000);
    await expect(admin.rbd('trash', 'rm', '--no-progress', `${POOL}/${parent?.id}`)).rejects.toThrow(
      /has snapshots|children/,
    );
    await admin.rbd('trash', 'purge', '--no-progress', POOL).catch(() => '');
    expect(await admin.inventory(POOL)).toContain(`trash ${POOL}/parent`);
    expect(await admin.rbd('info', `${POOL}/child`)).toContain(`parent: ${POOL}/parent@`);
    await admin.compare(`${POOL}/child`, DATA);
  });

  test('fails to delete a pool that holds images or trash, and names them', async () => {
    await deployment.deploy(stackWith({ images: {}, clone: true, poolPolicy: RemovalPolicy.DELETE }));
    const said = await deployment.failToDeploy(stackWith({ pool: false }));
    expect(said).toContain(`pool '${POOL}' is not deleted: it still holds images (kept) and images in its trash (`);
    expect(await admin.inventory(POOL)).toEqual(expect.arrayContaining([`pool ${POOL}`, `image ${POOL}/kept`]));
  });

  test('fails to delete an empty pool where the cluster does not allow it, and never enables that itself', async () => {
    await admin.rbd('rm', '--no-progress', `${POOL}/kept`);
    const trash = await trashed();
    for (const { id } of trash.filter(({ name }) => name !== 'parent')) await removeTrashed(id);
    for (const { id } of trash.filter(({ name }) => name === 'parent')) {
      await admin.rbd('snap', 'purge', '--no-progress', '--pool', POOL, '--image-id', id);
      await removeTrashed(id);
    }
    const said = await deployment.failToDeploy(stackWith({ pool: false }));
    expect(said).toContain(`the cluster does not allow it; 'ceph config set mon mon_allow_pool_delete true'`);
    expect(await admin.ceph('config', 'get', 'mon', 'mon_allow_pool_delete')).toBe('false');
  });

  test('deletes the empty pool once the cluster allows it', async () => {
    await admin.ceph('config', 'set', 'mon', 'mon_allow_pool_delete', 'true');
    await deployment.deploy(stackWith({ pool: false }));
    await admin.ceph('config', 'rm', 'mon', 'mon_allow_pool_delete');
    expect(await admin.inventory(POOL)).toEqual([]);
  });

  async function trashed(): Promise<{ readonly id: string; readonly name: string }[]> {
    return JSON.parse(await admin.rbd('trash', 'ls', '--all', '--format', 'json', POOL)) as {
      id: string;
      name: string;
    }[];
  }

  async function removeTrashed(id: string): Promise<void> {
    await admin.rbd('trash', 'rm', '--force', '--no-progress', `${POOL}/${id}`);
  }
});

function stackWith({
  images = {},
  clone = false,
  pool: withPool = true,
  poolPolicy,
}: {
  readonly images?: Images;
  readonly clone?: boolean;
  readonly pool?: boolean;
  readonly poolPolicy?: RemovalPolicy;
}): (stack: TerraformStack) => void {
  return (stack) => {
    const { ceph } = world(stack, lab());
    if (!withPool) return;
    const pool = new CephPool(stack, POOL, { cluster: ceph, removalPolicy: poolPolicy });
    const made = Object.entries(images).map(([name, props]) => new RbdImage(stack, name, { pool, ...props }));
    const parent =
      made.find(({ imageName }) => imageName === 'parent') ??
      RbdImage.fromImageName(stack, 'old', { pool, imageName: 'parent' });
    if (clone) new RbdImage(stack, 'child', { pool, source: ImageSource.clone(parent) });
  };
}
