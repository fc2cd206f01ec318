import { truncateSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { clusterSpec, runScript } from '../../helpers/lab';
import { OTHER_ENTRY, otherOwner } from '../../helpers/owners';
import { MIB, processesWith, scratchFolders, sha256Of, startScript, useImagePool } from '../../helpers/rbd';
import { RunningScript } from '../../helpers/running-script';
import { until } from '../../helpers/until';

const images = useImagePool('img-removal');
const leftovers = async (): Promise<readonly string[]> =>
  (await images.names()).filter((name) => name.includes('.cdktf-libvirt-ceph-'));

/** What `verify` of a missing image says beside what it finds. */
async function quietVerify(spec: object): Promise<string> {
  const { exitCode, stderr } = await runScript('rbd-image', 'verify', spec);
  expect(exitCode).toBe(2);
  return stderr;
}

describe('RETAIN', () => {
  test('keeps the image and releases it', async () => {
    await images.ensure(images.blank('kept'));
    await images.remove(images.removal('kept', 'retain'));
    expect((await images.mark('kept')).entryId).toBe('');
    expect(await images.remove(images.removal('kept', 'delete'))).toContain('is already released: it is kept');
    expect(await images.names()).toContain('kept');
  });
});

describe('TRASH', () => {
  test('puts the image in the trash with its expiry', async () => {
    await images.ensure(images.blank('data'));
    await images.rbd('bench', '--io-type', 'write', '--io-total', '1M', 'img-removal/data');
    await images.remove(images.removal('data', 'trash', { trashExpiry: '7 days' }));
    expect(await images.names()).not.toContain('data');
    const { status } = await images.trashed('data');
    const end = Date.parse(status.replace('protected until ', ''));
    expect(Math.abs(end - Date.now() - 7 * 86_400_000)).toBeLessThan(3_600_000 * 2);
  });

  test('succeeds a second time, and for an image that never existed', async () => {
    expect(await images.remove(images.removal('data', 'trash'))).toContain('does not exist: nothing to remove');
  });

  test('is never followed by a silent blank image: the commands that restore it or give it up are printed', async () => {
    const { id } = await images.trashed('data');
    const said = await images.refused('ensure', images.blank('data'));
    expect(said).toContain(`restore it with 'rbd trash restore img-removal/${id}'`);
    expect(said).toContain(`give it up with 'ceph config-key rm cdktf-libvirt-ceph/trash/img-removal/${id}'`);
    await images.rbd('trash', 'restore', `img-removal/${id}`);
    const back = await images.ensure({ ...images.blank('data'), entryId: OTHER_ENTRY });
    expect(back).toContain("image 'img-removal/data' is restored from the trash");
    expect(back).not.toContain('Warning');
    expect(await images.used('data')).toBeGreaterThan(0);
  });

  test('creates a new image once the one in the trash was given up', async () => {
    await images.remove({ ...images.removal('data', 'trash'), entryId: OTHER_ENTRY });
    const { id } = await images.trashed('data');
    await images.ceph('config-key', 'rm', `cdktf-libvirt-ceph/trash/img-removal/${id}`);
    const said = await images.ensure(images.blank('data'));
    expect(said).toContain(
      `Warning: image 'img-removal/data' is created, although one of that name is in the trash, without our mark; to restore that under another name: 'rbd trash restore img-removal/${id} --image data-before'`,
    );
    expect(await images.used('data')).toBe(0);
    expect(await images.trash('data')).toHaveLength(1);
  });

  test('is not followed by a silent blank image when its owner was renamed in the meantime', async () => {
    await images.ensure(images.blank('renamed'));
    await images.remove({ ...images.removal('renamed', 'trash'), owner: otherOwner() });
    const said = await images.refused('ensure', { ...images.blank('renamed'), owner: otherOwner() });
    expect(said).toContain('is missing, but its data is in the trash: a new one would be blank');
  });

  test('is reported to another stack that creates an image of that name, with the command that restores it', async () => {
    await images.ensure(images.blank('other'));
    await images.remove(images.removal('other', 'trash'));
    const { id } = await images.trashed('other');
    const theirs = { ...images.blank('other'), owner: otherOwner(), entryId: OTHER_ENTRY };
    expect(await quietVerify(theirs)).toBe('');
    expect(await images.ensure(theirs)).toContain(
      `Warning: image 'img-removal/other' is created, although one of that name is in the trash, of project 'test', stack 'steps', workspace 'default'; to restore that under another name: 'rbd trash restore img-removal/${id} --image other-before'`,
    );
  });

  test('lets an image with a source be created again, with a note', async () => {
    const file = join(images.folder, 'again.raw');
    writeFileSync(file, randomBytes(MIB));
    const spec = images.spec('again', { source: { file } });
    await images.ensure(spec);
    await images.remove(images.removal('again', 'trash'));
    expect(await quietVerify(spec)).toBe('');
    expect(await images.ensure(spec)).toContain('is recreated from its source; the earlier one is still in the trash');
    expect(await images.digest('again')).toBe(sha256Of(file));
  });

  test('works with snapshots and clones, which live on', async () => {
    await images.ensure(images.spec('child', { source: { clone: 'img-removal/again' } }));
    const before = await images.digest('child');
    await images.remove(images.removal('again', 'trash'));
    expect(await images.digest('child')).toBe(before);
  });

  test.each(['trash', 'delete'])('fails (%s) while the image is in use, and names the client', async (policy) => {
    const said = await images.whileOpen('kept', async () => {
      await images.ensure(images.blank('kept'));
      return images.refused('remove', images.removal('kept', policy));
    });
    expect(said).toMatch(/'img-removal\/kept' cannot be \w.+: it is in use by client\.\d+ at 127\.0\.0\.1:0\/\d+/);
    expect(await images.names()).toContain('kept');
  });

  test('waits for a client that disconnects', async () => {
    const removing = await images.whileOpen('kept', async () => {
      const running = new RunningScript('rbd-image', 'remove', images.removal('kept', 'trash'));
      await running.says('waiting up to 35 s');
      expect(await images.names()).toContain('kept');
      return running;
    });
    await removing.wellEnded();
    expect(await images.trash('kept')).toHaveLength(1);
  });
});

describe('DELETE', () => {
  test('deletes the image, and our snapshot of it', async () => {
    await images.ensure(images.blank('gone'));
    await images.ensure(images.spec('clone', { source: { clone: 'img-removal/gone' } }));
    await images.remove(images.removal('clone', 'delete'));
    await images.remove(images.removal('gone', 'delete'));
    expect(await images.names()).not.toEqual(expect.arrayContaining(['gone']));
    expect(await images.trash('gone')).toEqual([]);
  });

  test('fails while there are snapshots that are not ours, and names them', async () => {
    await images.ensure(images.blank('snapped'));
    await images.rbd('snap', 'create', '--no-progress', 'img-removal/snapped@mine');
    const said = await images.refused('remove', images.removal('snapped', 'delete'));
    expect(said).toContain("it has snapshots, 'img-removal/snapped@mine'");
    await images.rbd('snap', 'rm', '--no-progress', 'img-removal/snapped@mine');
  });

  test('finishes with the last clone, whichever is removed first', async () => {
    for (const order of [
      ['snapped', 'late', 'later'],
      ['later', 'snapped', 'late'],
    ]) {
      await images.ensure(images.blank('snapped'));
      await images.ensure(images.spec('late', { source: { clone: 'img-removal/snapped' } }));
      await images.ensure(images.spec('later', { source: { clone: 'img-removal/late' } }));
      const said: string[] = [];
      for (const name of order) said.push(await images.remove(images.removal(name, 'delete')));
      expect(said.join('\n')).toMatch(/'img-removal\/snapped' has clones, .*: it waits in the trash/);
      expect(await images.names()).not.toEqual(expect.arrayContaining([expect.stringMatching(/snapped|late/)]));
      for (const name of order) expect(await images.trash(name)).toEqual([]);
    }
  });

  test('fails while a clone in the trash needs the image, and names the clone', async () => {
    await images.ensure(images.blank('parent'));
    await images.ensure(images.spec('trashed', { source: { clone: 'img-removal/parent' } }));
    await images.remove(images.removal('trashed', 'trash'));
    const said = await images.refused('remove', images.removal('parent', 'delete'));
    expect(said).toContain("it has clones, 'img-removal/trashed' (in the trash)");
    expect(await images.names()).toContain('parent');
  });
});

describe('A removal', () => {
  test('with another entry does nothing and says so', async () => {
    await images.ensure(images.blank('parent'));
    const said = await images.remove({ ...images.removal('parent', 'delete'), entryId: OTHER_ENTRY });
    expect(said).toContain("'img-removal/parent' belongs to another entry of project 'test'");
    expect(await images.names()).toContain('parent');
  });

  test('of an image that is not ours does nothing and says so', async () => {
    await images.rbd('create', 'img-removal/theirs', '--size', '1M');
    expect(await images.remove(images.removal('theirs', 'trash'))).toContain('does not carry the mark of this stack');
    expect(await images.names()).toContain('theirs');
  });
});

describe('A run killed during an import', () => {
  const file = join(images.folder, 'large.raw');
  const spec = () => images.spec('killed', { source: { file } });
  beforeAll(() => {
    writeFileSync(file, randomBytes(8 * MIB));
    for (let part = 0; part < 24; part++) writeFileSync(file, randomBytes(8 * MIB), { flag: 'a' });
    truncateSync(file, 512 * MIB);
  });

  async function killHalfWay(words: readonly string[], fields: object = {}): Promise<void> {
    const running = startScript('ensure', { ...spec(), ...fields });
    const importing = () => processesWith(...words, 'killed.cdktf-libvirt-ceph-');
    await until('it imports', async () => (await importing())[0], 20).finally(() => running.kill('SIGKILL'));
    await running;
    await images.forgetDeadLocks();
    expect(await images.names()).not.toContain('killed');
  }

  test('is completed by the next one, and leaves nothing behind', async () => {
    await killHalfWay(['qemu-img', 'convert']);
    await images.ensure(spec());
    expect(await images.digest('killed')).toBe(sha256Of(file));
    expect(await leftovers()).toEqual([]);
  });

  test('is cleared by the removal, and leaves nothing behind', async () => {
    await images.remove(images.removal('killed', 'delete'));
    await killHalfWay(['qemu-img', 'convert']);
    await images.remove(images.removal('killed', 'trash'));
    expect(await images.names()).not.toContain('killed');
    expect(await leftovers()).toEqual([]);
  });

  test('is completed when it streamed, and leaves no files behind either', async () => {
    const cluster = { ...clusterSpec(images.lab()), transport: { type: 'command', prefix: ['env'] } };
    await killHalfWay(['rbd', 'import'], { cluster });
    await images.ensure({ ...spec(), cluster });
    expect(await images.digest('killed')).toBe(sha256Of(file));
    expect(await leftovers()).toEqual([]);
    expect(scratchFolders()).toEqual([]);
  });
});
