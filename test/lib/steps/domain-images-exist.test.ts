import type { Image } from '../../../lib/ceph';
import { clientMayReadImages, imagesExist } from '../../../lib/steps/domain/images-exist';
import type { DomainWorld } from '../../../lib/steps/domain/lookup';
import { DOMAIN } from '../../helpers/domain-spec';

const LOCK = { client: 'client.4151', cookie: 'me', address: '10.0.0.5:0/1', kind: 'exclusive', tag: '' } as const;
const world = (more: Partial<DomainWorld> = {}, locks: Image['locks'] = []): DomainWorld => ({
  found: undefined,
  caps: { mon: 'profile rbd' },
  images: new Map([['pool/web1-root', { locks } as unknown as Image]]),
  ...more,
});
const running = { state: 'running' } as DomainWorld['found'];

describe('The images of a VM', () => {
  test('are accepted when they exist, also with the lock of a dead QEMU', () => {
    expect(imagesExist.judge(DOMAIN, world())).toEqual({ ok: true });
    expect(imagesExist.judge(DOMAIN, world({}, [{ ...LOCK, cookie: 'auto 1402' }]))).toEqual({ ok: true });
  });

  test('fail when one is missing, and it is named', () => {
    expect(() => imagesExist.judge(DOMAIN, world({ images: new Map() }))).toThrow(
      "VM 'web1' needs image 'pool/web1-root' for disk vda, but it is missing; create it again",
    );
  });

  test('fail before a start when somebody holds a lock, because the guest could not write', () => {
    expect(() => imagesExist.judge(DOMAIN, world({}, [LOCK]))).toThrow(
      "image 'pool/web1-root': client.4151 at 10.0.0.5:0/1 holds the lock 'me' on it; if that lock is not needed, remove it: 'rbd lock rm pool/web1-root me client.4151'",
    );
  });

  test('do not fail for a lock when the VM already runs, is to be off, or only reads', () => {
    const readOnly = {
      vda: { ...DOMAIN.disks['vda'], image: 'pool/web1-root', bus: 'virtio', readOnly: true },
    } as const;
    expect(imagesExist.judge(DOMAIN, world({ found: running }, [LOCK]))).toEqual({ ok: true });
    expect(imagesExist.judge({ ...DOMAIN, running: false }, world({}, [LOCK]))).toEqual({ ok: true });
    expect(imagesExist.judge({ ...DOMAIN, disks: readOnly }, world({}, [LOCK]))).toEqual({ ok: true });
  });
});

describe('The client of a VM', () => {
  test.each([
    'profile rbd',
    'allow *',
    'allow r, allow command "osd blacklist"',
    'allow r, allow command "osd blocklist"',
  ])('may shut out a dead QEMU: %s', (mon) =>
    expect(clientMayReadImages.judge(DOMAIN, world({ caps: { mon } }))).toEqual({ ok: true }),
  );

  test.each([{ mon: 'allow r' }, {}])('may not shut out a dead QEMU: %j', (caps) => {
    expect(clientMayReadImages.judge(DOMAIN, world({ caps }))).toEqual({
      ok: false,
      differs: expect.stringContaining("a VM may hang after a crash: give it 'profile rbd'"),
    });
  });

  test('is not judged when its capabilities are unknown', () => {
    expect(clientMayReadImages.judge(DOMAIN, world({ caps: undefined }))).toEqual({ ok: true });
  });
});
