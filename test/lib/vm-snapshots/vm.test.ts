import { lookAtVm } from '../../../lib/vm-snapshots/vm';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { markFor } from '../../../lib/steps/ownership/mark';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

const MARK = markFor(DOMAIN, DOMAIN.name);
const OTHER = { ...DOMAIN.owner, stack: 'other' };

function look(mark: object, state: string | undefined = 'shut off (shutdown)') {
  return lookAtVm(DOMAIN, new FakeLibvirt(() => state, domainXml(DOMAIN, JSON.stringify(mark))).tools);
}

describe('The VM of that name on its host', () => {
  afterEach(() => jest.useRealTimers());

  test.each([
    ['this state', MARK],
    ['another state of this stack', { ...MARK, entryId: 'another' }],
  ])('is looked at when %s made it', async (_, mark) => {
    expect((await look(mark)).disks.map(({ imageSpec }) => imageSpec)).toEqual(['pool/web1-root']);
  });

  test.each([
    [
      'another stack',
      { ...MARK, owner: OTHER, entryId: 'another' },
      /VM 'web1' on qemu:\/\/\/system belongs to .*stack 'other'/,
    ],
    ['another stack that has released it', { ...MARK, owner: OTHER, entryId: '' }, /belongs to .*stack 'other'/],
    ['a person', {}, /^VM 'web1' on qemu:\/\/\/system does not belong to this stack/],
    ['a person, as a copy of another', { ...MARK, id: 'web2' }, /does not belong to this stack/],
  ])('fails when %s made it', async (_, mark, problem) => {
    await expect(look(mark)).rejects.toThrow(problem);
  });

  test('may be absent', async () => {
    const libvirt = new FakeLibvirt(() => undefined, domainXml(DOMAIN, '{}'));
    expect(await lookAtVm(DOMAIN, libvirt.tools)).toMatchObject({ found: undefined, disks: [{ target: 'vda' }] });
  });
});
