import { useVm } from '../../helpers/vm';

const vm = useVm('t-fragments', []);
const WATCHDOG = { fragment: '<watchdog model="i6300esb" action="reset"/>' };
const HIDDEN = { fragment: '<kvm><hidden state="on"/></kvm>', parent: 'features' };
const CRASH = { fragment: '<on_crash>preserve</on_crash>', parent: 'domain' };
// Not running: what is looked at is the definition.
const fields = (...xml: object[]): object => ({ running: false, ...(xml.length > 0 ? { xml } : {}) });

test('added XML reaches the definition, and then nothing differs', async () => {
  await vm.ensure(fields(WATCHDOG, HIDDEN));
  expect(await vm.xml('--inactive')).toMatch(/<watchdog model='i6300esb' action='reset'>/);
  expect(await vm.xml('--inactive')).toMatch(/<kvm>\s*<hidden state='on'\/>\s*<\/kvm>/);
  expect(await vm.differs(fields(WATCHDOG, HIDDEN))).toBe('');
});

test('a default action of libvirt is replaced, and comes back once the XML leaves', async () => {
  await vm.ensure(fields(WATCHDOG, HIDDEN, CRASH));
  expect(await vm.xml('--inactive')).toContain(CRASH.fragment);
  expect(await vm.differs(fields(WATCHDOG, HIDDEN, CRASH))).toBe('');
  await vm.ensure(fields(WATCHDOG, HIDDEN));
  expect(await vm.xml('--inactive')).toContain('<on_crash>destroy</on_crash>');
  expect(await vm.differs(fields(WATCHDOG, HIDDEN))).toBe('');
});

test('a fragment removed by hand is found missing and put back', async () => {
  const without = (await vm.xml('--inactive')).replace(/<watchdog[^]*?<\/watchdog>/, '');
  await vm.given(without, 'define', '/dev/stdin');
  expect(await vm.differs(fields(WATCHDOG, HIDDEN))).toContain(`${WATCHDOG.fragment} is missing`);
  await vm.ensure(fields(WATCHDOG, HIDDEN));
  expect(await vm.differs(fields(WATCHDOG, HIDDEN))).toBe('');
});

test('a fragment that leaves the code is removed, and nothing else', async () => {
  expect(await vm.differs(fields(WATCHDOG))).toBe(`${HIDDEN.fragment} is no longer wanted`);
  await vm.ensure(fields(WATCHDOG));
  expect(await vm.xml('--inactive')).not.toContain('<hidden');
  expect(await vm.xml('--inactive')).toContain('<watchdog');
  await vm.ensure(fields());
  expect(await vm.xml('--inactive')).not.toContain("<watchdog model='i6300esb'");
  expect(await vm.differs(fields())).toBe('');
});

test('settings move from added XML to their fields and back without being lost', async () => {
  const added = { fragment: '<description>for people</description>', parent: 'domain' };
  const asFields = { ...fields(), description: 'for people', watchdog: 'reset' };
  const asXml = fields(added, WATCHDOG);
  for (const setting of [asXml, asFields, asXml]) {
    await vm.ensure(setting);
    const xml = await vm.xml('--inactive');
    expect([...xml.matchAll(/<description>for people<|<watchdog model='i6300esb'/g)]).toHaveLength(2);
    expect(await vm.differs(setting)).toBe('');
  }
  await vm.ensure(fields());
});

test.each([
  ['<watchdgo model="i6300esb"/>', 'devices'],
  ['<watchdog/>', 'devices'],
  ['<watchdog model="i6300esb"/>', 'features'],
])("fails for %s in %s, which is not libvirt's, and changes nothing", async (fragment, parent) => {
  const before = await vm.xml('--inactive');
  const { exitCode, stderr } = await vm.attempt(fields({ fragment, parent }));
  expect(exitCode).toBe(1);
  expect(stderr).toContain("VM 't-fragments': define it: libvirt's schema rejects the XML of 'addXml'");
  expect(stderr).toContain(fragment);
  expect(await vm.xml('--inactive')).toBe(before);
});

test('fails for what is not XML, before anything is done', async () => {
  const { exitCode, stderr } = await vm.attempt(fields({ fragment: '<a>' }));
  expect(exitCode).toBe(1);
  expect(stderr).toContain('is not one element of XML');
});
