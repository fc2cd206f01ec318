import type { CephSecretSpec } from '../../../lib/model';
import { cephSecret } from '../../../lib/steps/ceph-secret';
import type { Command, Tools } from '../../../lib/steps/tools';

const SPEC: CephSecretSpec = {
  v: 1,
  owner: { project: 'p', stack: 's', workspace: 'default' },
  entryId: 'entry',
  cluster: { monitors: ['mon1'], transport: { type: 'local' } },
  host: { uri: 'qemu:///system', transport: { type: 'local' } },
  usage: 'client.libvirt secret',
  uuid: '33333333-3333-5333-8333-333333333333',
  entity: 'client.libvirt',
  private: true,
};

/** A libvirt that keeps the definition that it is given; `killAt` ends the run at the command with that word. */
function fake(killAt?: string, given = 'digest'): { readonly tools: Tools; readonly log: string[] } {
  let xml = '';
  const log: string[] = [];
  const note = (word: string): void => {
    if (word === killAt) throw new Error('killed');
    log.push(word);
  };
  const run: Tools['run'] = ({ argv }: Command, options) => {
    if (argv.includes('secret-list')) return Promise.resolve(xml === '' ? '' : ` ${SPEC.uuid}   ceph ${SPEC.usage}`);
    if (argv.includes('secret-dumpxml')) return Promise.resolve(xml);
    note('secret-define');
    xml = options?.input ?? '';
    return Promise.resolve('');
  };
  const tools: Partial<Tools> = {
    run,
    attempt: () =>
      Promise.resolve({
        exitCode: 0,
        stdout: '{"v":1,"owner":{},"id":"i","entryId":"t","generation":"g1"}',
        stderr: '',
      }),
    pipeKey: (source, sink) =>
      Promise.resolve().then(() => {
        note(`${source.argv.slice(-5).join(' ')} | ${sink.argv.slice(-4).join(' ')}`);
        return given;
      }),
    digest: () => Promise.resolve('digest'),
    keyDigest: () => Promise.resolve('digest'),
    say: () => undefined,
    warn: () => undefined,
  };
  return { tools: tools as Tools, log };
}

async function ensure(tools: Tools): Promise<void> {
  for (const step of cephSecret.ensure) {
    const seen = await step.observe(SPEC, tools);
    if (!seen.ok || seen.alwaysAct !== undefined) await step.act(SPEC, tools);
  }
}

const PIPE = `auth get-key client.libvirt --format json | secret-set-value ${SPEC.uuid} --file /dev/stdin`;

test('the key goes by one pipe, between the definition and the note of which key it was', async () => {
  const { tools, log } = fake();
  await ensure(tools);
  expect(log).toEqual(['secret-define', PIPE, 'secret-define']);
});

test('a run killed before the value was set is seen, as the note is missing', async () => {
  const { tools } = fake(PIPE);
  await expect(ensure(tools)).rejects.toThrow('killed');
  expect(await cephSecret.ensure[0]?.observe(SPEC, tools)).toEqual({ ok: true });
  expect(await cephSecret.ensure[1]?.observe(SPEC, tools)).toMatchObject({ ok: false });
});

test('fails where what went into it is not the key that Ceph has now, which does not count as set', async () => {
  const { tools, log } = fake(undefined, 'digest of something else');
  await expect(ensure(tools)).rejects.toThrow(
    "secret 'client.libvirt secret' holds something else than the key that client.libvirt has now",
  );
  expect(log).toEqual(['secret-define', PIPE]);
  expect(await cephSecret.ensure[1]?.observe(SPEC, tools)).toMatchObject({ ok: false });
});

test('fails on an entity without its type and on a usage with a quote', () => {
  expect(() => cephSecret.parseSpec({ ...SPEC, entity: 'libvirt' })).toThrow(`the field 'entity'`);
  expect(() => cephSecret.parseSpec({ ...SPEC, usage: `a'b` })).toThrow(`the field 'usage'`);
});
