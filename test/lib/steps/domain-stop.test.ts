import type { DomainStopRemoval } from '../../../lib/model';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { domain } from '../../../lib/steps/domain';
import { stop } from '../../../lib/steps/domain/stop-for-provider';
import { observeFound } from '../../../lib/steps/domain/lookup';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeLibvirt } from '../../helpers/fake-libvirt';

const { owner, entryId, name, host, uuid } = DOMAIN;
const addresses = ['libvirt_domain.kvm1-web1', 'terraform_data.kvm1_domain_stops["web1"]'];
const SPEC: DomainStopRemoval = {
  ...{ v: 1, owner, entryId: 'its own', domainEntryId: entryId, addresses },
  ...{ name, host, uuid, shutdownTimeout: '30 seconds' },
};
const MARK = { v: 1, owner, id: name, entryId };
const fake = (state: string | undefined, mark: object = MARK): FakeLibvirt =>
  new FakeLibvirt(
    (done) => (done.some((one) => one.startsWith('shutdown')) ? 'shut off (shutdown)' : state),
    domainXml(DOMAIN, JSON.stringify(mark)),
  );
afterEach(() => jest.useRealTimers());

const UNDEFINE = 'undefine --managed-save --snapshots-metadata --checkpoints-metadata --nvram web1';

test.each([
  ['running (booted)', ['shutdown web1', UNDEFINE]],
  ['shut off (destroyed)', [UNDEFINE]],
])('a VM that is %s is gone before the provider deletes it', async (state, commands) => {
  const libvirt = fake(state);
  const differs = `it is ${state.replace(/ \(.*/, '')}`;
  const world = await observeFound(SPEC, libvirt.tools);
  expect(stop.judge(SPEC, world)).toEqual({ ok: false, differs });
  await stop.act(SPEC, world, libvirt.tools);
  expect(libvirt.commands).toEqual(commands);
});

test('does nothing when there is no VM', async () => {
  expect(stop.judge(SPEC, await observeFound(SPEC, fake(undefined).tools))).toEqual({ ok: true });
});

describe('Fails, so that the provider deletes nothing, for a VM', () => {
  const OTHER = { ...owner, project: 'elsewhere' };

  test.each([
    ['of another state of this stack', { ...MARK, entryId: 'newer' }, /stack '.*', workspace '.*', entry 'newer'/],
    ['of another owner', { ...MARK, owner: OTHER, entryId: 'theirs' }, /project 'elsewhere', .* entry 'theirs'/],
    ['that was released', { ...MARK, entryId: '' }, /entry ''/],
    ['without a mark', {}, /it has no mark/],
  ])('%s, running or off', async (_, mark, whose) => {
    for (const state of ['running (booted)', 'shut off (destroyed)']) {
      const libvirt = fake(state, mark);
      const world = await observeFound(SPEC, libvirt.tools);
      expect(() => stop.judge(SPEC, world)).toThrow(whose);
      expect(libvirt.commands).toEqual([]);
    }
  });

  test('with the command that takes it out of the old state', async () => {
    const { tools } = fake('running (booted)', { ...MARK, entryId: 'newer' });
    const world = await observeFound(SPEC, tools);
    expect(() => stop.judge(SPEC, world)).toThrow(
      `VM 'web1' is neither stopped nor deleted: it is marked by project 'shop', stack 'prod', workspace 'default', entry 'newer', but this state created one of the entry '${entryId}'; remove it from this state: terraform state rm 'libvirt_domain.kvm1-web1' 'terraform_data.kvm1_domain_stops["web1"]'`,
    );
  });
});

test('its spec needs the id of the entry that the VM is marked with', () => {
  const parse = (json: object) => domain.stop?.parse(json);
  expect(parse(SPEC)).toMatchObject({ name, domainEntryId: entryId });
  expect(() => parse({ ...SPEC, domainEntryId: undefined })).toThrow('domainEntryId');
});
