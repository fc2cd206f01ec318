import { domainXml } from '../../../lib/render/domain/domain-xml';
import { observeAllFound, observeFound } from '../../../lib/steps/domain/lookup';
import { virsh } from '../../../lib/steps/commands';
import { renderXml } from '../../../lib/render/xml';
import { DOMAIN } from '../../helpers/domain-spec';
import { FakeCeph } from '../../helpers/fake-ceph';
import { FakeHost } from '../../helpers/fake-host';
import { FakeRun } from '../../helpers/fake-run';

const HOST = { uri: 'qemu:///system', transport: { type: 'local' } } as const;
const place = (name: string) => ({ host: HOST, name });
const nameOf = (i: number): string => `web${i}`;

let host: FakeHost;
let run: FakeRun;
beforeEach(() => {
  host = new FakeHost();
  run = new FakeRun(new FakeCeph(), host);
});

async function define(name: string, uuid: string): Promise<void> {
  const xml = renderXml(domainXml({ ...DOMAIN, name, uuid }, 'no mark'));
  await run.tools.run(virsh(HOST, 'define', '/dev/stdin'), { input: xml });
}
async function defineMany(count: number): Promise<string[]> {
  const names = Array.from({ length: count }, (_, i) => nameOf(i));
  for (const [i, name] of names.entries()) await define(name, `00000000-0000-4000-8000-${String(i).padStart(12, '0')}`);
  host.calls.length = 0;
  return names;
}

test('120 VMs of a host are looked at by three calls of virsh, each seen as it is seen alone', async () => {
  const names = await defineMany(120);
  await run.tools.run(virsh(HOST, 'start', nameOf(7)));
  host.calls.length = 0;
  const look = observeAllFound(names.map(place), run.tools);
  const together = await Promise.all(names.map((name) => look(place(name))));
  expect(host.calls).toHaveLength(3);
  for (const [i, name] of names.entries()) expect(together[i]).toEqual(await observeFound(place(name), run.tools));
  expect(together[7]).toMatchObject({ found: { state: 'running' } });
});

test('a VM that is missing, or that goes meanwhile, moves none of the others', async () => {
  const names = await defineMany(3);
  host.before = (line) => {
    // By then, its state has been printed.
    if (line === 'dumpxml --security-info web1') host.domains.delete('web1');
  };
  const all = ['gone', ...names].map(place);
  const look = observeAllFound(all, run.tools);
  const found = await Promise.all(all.map(async (one) => (await look(one)).found?.definition));
  const uuids = found.map((one) => one?.children.find((child) => typeof child !== 'string' && child.name === 'uuid'));
  expect(found.map((one) => one !== undefined)).toEqual([false, true, false, true]);
  expect(new Set(uuids).size).toBe(3);
});

test('fails for each VM of a host that cannot be reached, after one call, with a command that can be read', async () => {
  const stderr = 'error: failed to connect to the hypervisor';
  const calls: string[] = [];
  run = new FakeRun(new FakeCeph());
  run.answer = ({ argv }) => {
    calls.push(argv.at(-1) ?? '');
    return { exitCode: 1, stdout: '', stderr };
  };
  const all = ['web1', 'web2'].map(place);
  const look = observeAllFound(all, run.tools);
  const errors = await Promise.all(all.map((one) => look(one).catch((error: unknown) => String(error))));
  expect(calls).toHaveLength(1);
  for (const error of errors)
    expect(error).toMatch(/dumpxml --security-info web1' ended with 1: error: failed to connect/);
});
