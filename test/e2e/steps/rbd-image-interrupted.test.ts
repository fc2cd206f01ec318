import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { withScratch } from '../../../lib/steps/rbd-image/scratch';
import { temporaryName } from '../../../lib/steps/rbd-image/temporary';
import { clusterSpec, OWNER } from '../../helpers/lab';
import { startScript, useImagePool } from '../../helpers/rbd';
import { pathWithTool } from '../../helpers/shim';
import { until } from '../../helpers/until';

const POOL = 'img-interrupted';
const images = useImagePool(POOL);
/** An image as the lock's and the scratch folder's owner know it. */
const ref = (name: string) => ({ cluster: clusterSpec(images.lab()), pool: POOL, name });

/** As `rbd rename` leaves it that ends in the middle: the new name is there, and the old one stands in the directory. */
async function renameHalf(name: string): Promise<string> {
  const temporary = temporaryName({ ...ref(name), owner: OWNER });
  await images.rbd('rename', images.specOf(name), images.specOf(temporary));
  const file = join(images.folder, name);
  const rados = ['--conf', images.lab().cephConf, '--pool', POOL];
  await execa('rados', [...rados, 'get', `rbd_id.${temporary}`, file]);
  await execa('rados', [...rados, 'put', `rbd_id.${name}`, file]);
  return temporary;
}

describe('an image whose rename was cut off', () => {
  test('is not taken for what an interrupted run left; the line that is told mends it', async () => {
    await images.ensure(images.blank('half'));
    const temporary = await renameHalf('half');
    const said = await images.refused('ensure', images.blank('half'));
    expect(said).toContain(`the rename of '${POOL}/${temporary}' to '${POOL}/half' was cut off`);
    expect((await images.info('half')).size).toBe((await images.info(temporary)).size);

    const [, line = ''] = /'(rados --pool [^']*)'/.exec(said) ?? [];
    await execa('rados', ['--conf', images.lab().cephConf, ...line.split(' ').slice(1)]);
    await images.ensure(images.blank('half'));
    expect(await images.names()).toEqual(['half']);
  });
});

describe('a script that has to stop', () => {
  /** A PATH with an `rbd` that is slow at one command, and files that are there once that has begun and once it has ended. */
  function slow(command: string): { path: string; begun: string; ended: string } {
    const [begun, ended] = ['begun', 'ended'].map((word) => join(images.folder, `${word} ${command}`)) as [
      string,
      string,
    ];
    const slowly = `: >'${begun}'; sleep 2; "$real" "$@" && : >'${ended}'; exit`;
    const path = pathWithTool(images.folder, 'rbd', `case " $* " in *' ${command} '*) ${slowly} ;; esac`);
    return { path, begun, ended };
  }

  test.each([
    ['rename', 'ensure', (name: string) => images.blank(name)],
    ['trash mv', 'remove', (name: string) => images.removal(name, 'trash')],
  ] as const)('lets %s come to its end first', async (command, verb, specOf) => {
    const name = `stop-${verb}`;
    if (verb === 'remove') await images.ensure(images.blank(name));
    const { path, begun, ended } = slow(command);
    const script = startScript(verb, specOf(name), process.cwd(), { PATH: path });
    await until(`${command} has begun`, () => Promise.resolve(existsSync(begun)));
    script.kill('SIGTERM');
    const { exitCode, stdout } = await script;
    expect({ exitCode, stdout }).toEqual({
      exitCode: 143,
      stdout: expect.stringMatching(/'rbd .*' has begun, and is let come to its end$/m),
    });
    expect(existsSync(ended)).toBe(true);
    expect((await images.names()).includes(name)).toBe(verb === 'ensure');
  });
});

test('what a killed run left on the disk goes with the next run, also of an image that is there', async () => {
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
