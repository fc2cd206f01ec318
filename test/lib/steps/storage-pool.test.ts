import type { StoragePoolSpec } from '../../../lib/model';
import { storagePool } from '../../../lib/steps/storage-pool';
import { type Outcome, Refusal, ToolError, type Tools } from '../../../lib/steps/tools';

const SPEC: StoragePoolSpec = {
  v: 1,
  owner: { project: 'p', stack: 's', workspace: 'default' },
  entryId: 'entry',
  host: { uri: 'qemu:///system', transport: { type: 'local' } },
  name: 'storage',
  uuid: '33333333-3333-5333-8333-333333333333',
  cephPool: 'libvirt-pool',
  monitors: ['mon1'],
  clientId: 'libvirt',
  secretUsage: 'client.libvirt secret',
  autostart: true,
  driver: 'virsh',
};

/** A host without storage pools, where defining or starting one fails with what libvirt says. */
function failing(stderr: string): Tools {
  const outcome: Outcome = { exitCode: 1, stdout: '', stderr };
  const run: Tools['run'] = (command) => {
    if (command.argv.some((word) => /^pool-(define|start|create)$/.test(word)))
      return Promise.reject(new ToolError(command, outcome));
    return Promise.resolve('');
  };
  return { run } as Partial<Tools> as Tools;
}

test.each([
  [
    'error: internal error: missing backend for pool type 9 (rbd)',
    'install the Debian package libvirt-daemon-driver-storage-rbd',
  ],
  ["error: Secret not found: secret '1-2' does not have a value", `the secret 'client.libvirt secret' has no value`],
  ['error: failed to connect to the RADOS monitor on: mon1,: No such file or directory', 'tried mon1'],
])('fails on %j with what it means', async (said, told) => {
  const [definition, , running] = storagePool.ensure;
  for (const step of [definition, running]) {
    const failed = step?.act(SPEC, failing(said));
    await expect(failed).rejects.toThrow(Refusal);
    await expect(failed).rejects.toThrow(told);
  }
  await expect(definition?.act({ ...SPEC, driver: 'provider' }, failing(said))).rejects.toThrow(told);
});

test('what the provider is to make is made and ended before, without a definition', async () => {
  const run = jest.fn<ReturnType<Tools['run']>, Parameters<Tools['run']>>(() => Promise.resolve(''));
  await storagePool.ensure[0]?.act({ ...SPEC, driver: 'provider' }, { run } as Partial<Tools> as Tools);
  const commands = run.mock.calls.map(([{ argv }]) => argv.slice(4).join(' '));
  expect(commands).toEqual(['pool-list --all --name', 'pool-create /dev/stdin', 'pool-destroy -- storage']);
  expect(run.mock.calls[1]?.[1]?.input).toContain('<name>libvirt-pool</name>');
});

test('fails as the tool said on what it does not know', async () => {
  await expect(storagePool.ensure[0]?.act(SPEC, failing('error: out of memory'))).rejects.toThrow(ToolError);
});

test('a name that would be an option, and a monitor that is none, are refused', () => {
  expect(() => storagePool.parseSpec({ ...SPEC, name: '--help' })).toThrow(`the field 'name'`);
  expect(() => storagePool.parseSpec({ ...SPEC, monitors: ['a b'] })).toThrow(`the field 'monitors.0'`);
});

test('a person types the definition, the autostart and the start', () => {
  const lines = storagePool.ensure.flatMap((step) => step.describe(SPEC));
  expect(lines[0]).toBe(`virsh pool-define /dev/stdin <<'XML'`);
  expect(lines.slice(-3)).toEqual(['XML', 'virsh pool-autostart storage', 'virsh pool-start storage']);
});
