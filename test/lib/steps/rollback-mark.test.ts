import type { ImageName } from '../../../lib/ceph';
import { type WaitingVm, waitUntilImagesFree } from '../../../lib/steps/wait-for-free-images';
import { markRollback, refuseHalfRolledBack, ROLLBACK_KEY, unmarkRollback } from '../../../lib/steps/rollback-mark';
import { type Command, type Outcome, ToolError, type Tools } from '../../../lib/steps/tools';

const cluster = { monitors: ['10.0.0.11'], transport: { type: 'local' } } as const;
const VM = { name: 'web1', cluster };
const IMAGES = ['vms/root', 'vms/data'];

/** Images with their metadata, as `rbd` reads and writes it. */
class FakeRbd {
  private readonly ids = new Map(IMAGES.map((image) => [image, `id-${image}`]));
  public readonly meta = new Map(IMAGES.map((image) => [image, new Map<string, string>()]));

  public readonly attempt = ({ argv }: Command): Promise<Outcome> => {
    const words = argv.slice(2).filter((word) => !['image-meta', '--format', 'json'].includes(word));
    if (!this.ids.has(words[1] ?? '')) {
      return Promise.resolve({ exitCode: 2, stderr: 'rbd: error opening image: no such file', stdout: '' });
    }
    return Promise.resolve({ exitCode: 0, stderr: '', stdout: this.answer(words) });
  };

  public get tools(): Tools {
    const run = async (command: Command) => (await this.attempt(command)).stdout;
    const image = ({ pool, name }: ImageName) => Promise.resolve(this.image(`${pool}/${name}`));
    const ceph = () => ({ image, watchers: () => Promise.resolve([]) });
    return { run, attempt: this.attempt, ceph } as unknown as Tools;
  }

  private image(image: string): { readonly id: string; readonly metadata: object } | undefined {
    const id = this.ids.get(image);
    return id === undefined ? undefined : { id, metadata: Object.fromEntries(this.meta.get(image) ?? []) };
  }

  public remove(image: string): void {
    this.ids.delete(image);
    this.meta.delete(image);
  }

  /** A copy under another name, or one that takes the original's place. */
  public copy(from: string, to: string): void {
    this.ids.set(to, `${this.ids.get(from)} copied`);
    this.meta.set(to, new Map(this.meta.get(from)));
  }

  private answer([verb, image = '', key = '', value = '']: readonly string[]): string {
    const texts = this.meta.get(image);
    if (verb === 'info') return JSON.stringify({ id: this.ids.get(image) });
    if (verb === 'list') return JSON.stringify(Object.fromEntries(texts ?? []));
    if (verb === 'set') texts?.set(key, value);
    if (verb === 'remove') texts?.delete(key);
    return '';
  }
}

describe('A rollback that has begun', () => {
  const images = IMAGES.map((image) => ({ cluster, pool: 'vms', name: image.replace('vms/', '') }));
  let rbd: FakeRbd;

  beforeEach(async () => {
    rbd = new FakeRbd();
    await markRollback(images, 'monday', rbd.tools);
  });

  test.each(IMAGES)('is recognized on each of its disks: %s', async (image) => {
    await expect(refuseHalfRolledBack(VM, [image], rbd.tools)).rejects.toThrow(
      /^VM 'web1' is only partly rolled back to its snapshot 'monday': .*; roll all .* with 'cdktf-libvirt-ceph rollback web1 monday', then apply again$/,
    );
  });

  test('keeps the VM from starting until it has finished', async () => {
    const gated: WaitingVm = { ...VM, shutdownTimeout: '1 seconds' };
    await expect(waitUntilImagesFree(gated, IMAGES, rbd.tools)).rejects.toThrow(
      `only partly rolled back to its snapshot 'monday'`,
    );
    await unmarkRollback(images, rbd.attempt);
    await expect(waitUntilImagesFree(gated, IMAGES, rbd.tools)).resolves.toBeUndefined();
    expect(rbd.meta.get('vms/root')?.has(ROLLBACK_KEY)).toBe(false);
  });

  test.each(['the first', 'the last'])(
    'counts as not begun, or as finished, while %s of its disks has no mark',
    async (which) => {
      rbd.meta.get(which === 'the first' ? 'vms/root' : 'vms/data')?.clear();
      await expect(refuseHalfRolledBack(VM, IMAGES, rbd.tools)).resolves.toBeUndefined();
    },
  );

  test('still counts when another of its disks has disappeared since', async () => {
    rbd.remove('vms/data');
    await expect(refuseHalfRolledBack(VM, ['vms/root'], rbd.tools)).rejects.toThrow('only partly rolled back');
  });

  test('does not count for a copy that inherits the mark', async () => {
    rbd.copy('vms/root', 'vms/copy');
    await expect(refuseHalfRolledBack(VM, ['vms/copy'], rbd.tools)).resolves.toBeUndefined();
  });

  test('fails to finish silently when its mark stays', async () => {
    const fails = () => Promise.resolve({ exitCode: 110, stdout: '', stderr: 'timed out' });
    await expect(unmarkRollback(images, fails)).rejects.toThrow(ToolError);
  });
});
