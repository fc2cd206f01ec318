import { createHash, randomBytes } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { scratchLeft, withScratch } from '../../../lib/steps/rbd-image/scratch-folder';
import { temporaryName } from '../../../lib/steps/rbd-image/temporary-name';
import { WebServer } from '../../helpers/http';
import { clusterSpec, OWNER } from '../../helpers/lab';
import { OTHER_ENTRY, otherOwner } from '../../helpers/owners';
import { MIB, startScript, useImagePool } from '../../helpers/rbd';
import { beforeRequest } from '../../helpers/shim';
import { until } from '../../helpers/until';

const POOL = 'img-interrupted';
const images = useImagePool(POOL);
/** An image as the lock's and the scratch folder's owner know it. */
const ref = (name: string) => ({ cluster: clusterSpec(images.lab()), pool: POOL, name });

/**
 * As `rbd rename` leaves it that ends in the middle: the new name is there, and the old one stands in the directory.
 */
async function renameHalf(name: string): Promise<string> {
  const temporary = temporaryName({ ...ref(name), owner: OWNER });
  await images.rbd('rename', images.specOf(name), images.specOf(temporary));
  const file = join(images.folder, name);
  const rados = ['--conf', images.lab().cephConf, '--pool', POOL];
  await execa('rados', [...rados, 'get', `rbd_id.${temporary}`, file]);
  await execa('rados', [...rados, 'put', `rbd_id.${name}`, file]);
  return temporary;
}

describe('An image whose rename was interrupted', () => {
  test('is kept, and has only its final name after the next run', async () => {
    await images.ensure(images.blank('half'));
    const temporary = await renameHalf('half');
    const { id } = await images.info('half');
    const said = await images.ensure(images.blank('half'));
    expect(said).toContain(`its rename from '${temporary}' was interrupted: complete its rename`);
    expect(await images.names()).toEqual(['half']);
    expect((await images.info('half')).id).toBe(id);
    await expect(images.info(temporary)).rejects.toThrow('No such file or directory');
  });

  test('goes to the trash whole when it leaves the code', async () => {
    const { id } = await images.info('half');
    await renameHalf('half');
    await images.remove(images.removal('half', 'trash'));
    expect(await images.names()).toEqual([]);
    expect(await images.rbd('trash', 'ls', POOL)).toContain(`${id} half`);
  });
});

/** Data in many small objects, so that its deletion takes seconds; returns what their names begin with. */
async function fill(name: string): Promise<string> {
  await images.ensure(images.blank(name, { objectSize: '4 KiB' }));
  const write = ['--io-type', 'write', '--io-size', '65536', '--io-total', '16M'];
  await images.rbd('bench', ...write, images.specOf(name));
  return (await images.info(name)).block_name_prefix;
}

async function objects(prefix: string): Promise<number> {
  const all = await execa('rados', ['--conf', images.lab().cephConf, '--pool', POOL, 'ls']);
  return all.stdout.split('\n').filter((object) => object.startsWith(prefix)).length;
}

/** `rbd rm` that is killed while it takes the data away. */
async function removeHalf(name: string): Promise<void> {
  const removing = execa('rbd', ['--conf', images.lab().cephConf, 'rm', images.specOf(name)], { reject: false });
  removing.stderr.on('data', (said: Buffer) => / [1-9]\d*%/.test(said.toString()) && removing.kill('SIGKILL'));
  expect((await removing).signal).toBe('SIGKILL');
}

describe('An interrupted deletion', () => {
  test('is finished by the next removal of the image', async () => {
    const data = await fill('deleted');
    await removeHalf('deleted');
    expect(await objects(data)).toBeGreaterThan(0);
    expect(await images.remove(images.removal('deleted', 'delete'))).toContain('its removal was interrupted');
    expect(await objects(data)).toBe(0);
    expect(await images.remove(images.removal('deleted', 'delete'))).toContain('does not exist: nothing to remove');
  });

  test('is finished before an image of the name is created', async () => {
    const data = await fill('anew');
    await removeHalf('anew');
    const said = await images.ensure(images.blank('anew'));
    expect(said).toContain('the removal of an earlier one was interrupted');
    expect(await objects(data)).toBe(0);
    expect(await images.names()).toContain('anew');
  });

  test('of the remains of an interrupted run is finished by the next run', async () => {
    const data = await fill('swept');
    const temporary = temporaryName({ ...ref('swept'), owner: OWNER });
    await images.rbd('rename', images.specOf('swept'), images.specOf(temporary));
    await removeHalf(temporary);
    await images.ensure(images.blank('swept'));
    expect(await objects(data)).toBe(0);
    expect((await images.names()).filter((name) => name.startsWith('swept'))).toEqual(['swept']);
  });
});

/**
 * As `rbd trash mv` leaves it that ends in the middle: in the trash as on its way, and its name still in the directory.
 */
async function trashHalf(name: string): Promise<void> {
  const { id } = await images.info(name);
  const file = (key: string): string => join(images.folder, key);
  const omap = (verb: string, object: string, key: string, ...more: string[]) =>
    execa('rados', ['--conf', images.lab().cephConf, '--pool', POOL, verb, object, key, ...more]);
  const names = [`name_${name}`, `id_${id}`];
  for (const key of names) await omap('getomapval', 'rbd_directory', key, file(key));
  await images.remove(images.removal(name, 'trash'));
  for (const key of names) await omap('setomapval', 'rbd_directory', key, '--input-file', file(key));
  await omap('getomapval', 'rbd_trash', `id_${id}`, file('trash'));
  const entry = readFileSync(file('trash'));
  entry[entry.length - 1] = 1; // the state: moving
  writeFileSync(file('trash'), entry);
  await omap('setomapval', 'rbd_trash', `id_${id}`, '--input-file', file('trash'));
}

describe('An interrupted move to the trash', () => {
  test.each(['trash', 'delete'])(
    'is finished by the next removal of the image (%s), which deletes nothing',
    async (policy) => {
      await images.ensure(images.blank(`moved-${policy}`));
      await trashHalf(`moved-${policy}`);
      expect(await images.names()).toContain(`moved-${policy}`);
      expect(await images.remove(images.removal(`moved-${policy}`, policy))).toContain('is in the trash now');
      expect(await images.names()).not.toContain(`moved-${policy}`);
      const { id, status } = await images.trashed(`moved-${policy}`);
      expect(status).toContain('protected until');
      await images.rbd('trash', 'restore', `${POOL}/${id}`);
      expect(await images.names()).toContain(`moved-${policy}`);
    },
  );

  test('is finished before an image of the name is created, and honoured', async () => {
    await images.ensure(images.blank('moved'));
    await trashHalf('moved');
    expect(await images.refused('ensure', images.blank('moved'))).toContain('its data is in the trash');
    expect(await images.trash('moved')).toHaveLength(1);
    expect(await images.names()).not.toContain('moved');
  });
});

describe("A clone of another stack's image, killed before it was marked,", () => {
  test('is cleared by the next run, so that its parent can be deleted', async () => {
    const golden = { owner: otherOwner(), entryId: OTHER_ENTRY };
    await images.ensure({ ...images.blank('golden'), ...golden });
    await images.rbd('snap', 'create', '--no-progress', images.specOf('golden@v1'));
    const temporary = temporaryName({ ...ref('clone'), owner: OWNER });
    await images.rbd('clone', '--rbd-default-clone-format', '2', images.specOf('golden@v1'), images.specOf(temporary));
    await images.remove(images.removal('clone', 'delete'));
    expect(await images.names()).not.toContain(temporary);
    await images.rbd('snap', 'rm', '--no-progress', images.specOf('golden@v1'));
    await images.remove({ ...images.removal('golden', 'delete'), owner: otherOwner(), entryId: OTHER_ENTRY });
    expect(await images.names()).not.toContain('golden');
  });
});

describe('A script that has to stop', () => {
  test.each([
    ['renameImage', 'ensure', (name: string, fields: object) => images.blank(name, fields)],
    ['trashImage', 'remove', (name: string, fields: object) => images.removal(name, 'trash', fields)],
  ] as const)('finishes a %s that has begun', async (method, verb, specOf) => {
    const name = `stop-${verb}`;
    if (verb === 'remove') await images.ensure(images.blank(name));
    const begun = join(images.folder, `begun ${verb}`);
    const prefix = beforeRequest(method, `: >'${begun}'; sleep 2`);
    const cluster = { ...clusterSpec(images.lab()), transport: { type: 'command', prefix } };
    const script = startScript(verb, specOf(name, { cluster }));
    await until(`${method} has begun`, () => existsSync(begun));
    script.kill('SIGTERM');
    const { exitCode, stdout } = await script;
    expect({ exitCode, stdout }).toEqual({
      exitCode: 143,
      stdout: expect.stringMatching(/'rbd .*' has begun: waiting for it to end$/m),
    });
    expect((await images.names()).includes(name)).toBe(verb === 'ensure');
  });
});

test('the files of a killed run are removed by the next run, even when the image already exists', async () => {
  await images.ensure(images.blank('there'));
  let folder = '';
  await withScratch(ref('there'), (made) => Promise.resolve(void (folder = made)));
  const leave = (): void => {
    mkdirSync(folder);
    copyFileSync(images.lab().cephConf, join(folder, 'download'));
  };
  leave();
  await images.ensure(images.blank('there'));
  expect(existsSync(folder)).toBe(false);
  leave();
  await images.remove(images.removal('there', 'delete'));
  expect(existsSync(folder)).toBe(false);
});

test('the run after one killed half-way through a download creates the whole image, and leaves no file behind', async () => {
  const content = randomBytes(4 * MIB);
  const server = new WebServer((_, response) => {
    response.setHeader('content-length', content.length);
    response.write(content.subarray(0, content.length / 2));
  });
  await server.start();
  try {
    const spec = images.spec('fetched', { source: { url: server.url('disk.raw') } });
    const running = startScript('ensure', spec);
    const isHalf = async (): Promise<boolean> => {
      const [made = ''] = await scratchLeft(ref('fetched'));
      return statSync(join(made, 'download')).size === content.length / 2;
    };
    await until('half of it is there', isHalf).finally(() => running.kill('SIGKILL'));
    await running;
    expect(await scratchLeft(ref('fetched'))).toHaveLength(1);
    server.answer = (_, response) => response.end(content);
    await images.forgetDeadLocks();
    await images.ensure(spec);
  } finally {
    server.stop();
  }
  expect(await images.digest('fetched')).toBe(createHash('sha256').update(content).digest('hex'));
  expect((await images.names()).filter((name) => name.startsWith('fetched'))).toEqual(['fetched']);
  expect(await scratchLeft(ref('fetched'))).toEqual([]);
});

test('the files that a killed run of another user left on the disk are not touched', async () => {
  let folder = '';
  await withScratch(ref('shared'), (made) => Promise.resolve(void (folder = made)));
  const uid = String(process.getuid?.());
  const theirs = folder.replace(`-${uid}-`, `-${uid}1-`);
  mkdirSync(theirs);
  await images.ensure(images.blank('shared'));
  expect(existsSync(theirs)).toBe(true);
  rmdirSync(theirs);
});
