import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { CephRbdStoragePool, Duration, ImageSource, RbdBackedVm, Size, Transport } from '../../../constructs';
import { CommandLine } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { describeByDriver, onceFor } from '../../helpers/drivers';
import { useLab, wordsInto } from '../../helpers/lab';
import { Admin, labCluster, labHost } from '../../helpers/world';
import { version } from '../../../package.json';

const lab = useLab();

describeByDriver('The command line on a deployed stack', (driver, prefix) => {
  const once = onceFor(driver);
  const name = `${prefix}cli`;
  const [vm, pool, client] = [`${name}-vm`, `${name}-pool`, `${name}-client`];
  const deployment = new Deployment(name);
  const cli = new CommandLine(deployment);
  let admin: Admin;

  const stackWith =
    (dataDisk = true) =>
    (stack: TerraformStack): void => {
      const ceph = labCluster(stack, lab());
      const host = labHost(stack, lab(), { driver, transport: Transport.command(wordsInto(lab())) });
      const access = { poolName: pool, clientId: client };
      const storage = new CephRbdStoragePool(stack, `${name}-storage`, { host, cluster: ceph, ...access });
      new RbdBackedVm(stack, vm, {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(256),
        rootDisk: { source: ImageSource.blank(), size: Size.mebibytes(16) },
        dataDisks: dataDisk ? [{ target: 'vdb', size: Size.mebibytes(16) }] : [],
        shutdownTimeout: Duration.seconds(1),
      });
    };

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    await deployment.deploy(stackWith());
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear(name);
  });

  once('lists its commands and prints its version', async () => {
    const help = await cli.run('--help');
    expect(help).toMatchObject({ exitCode: 0, stderr: '' });
    const commands = [...help.stdout.matchAll(/^ {2}([a-z][a-z-]*)/gm)].map(([, command]) => command);
    const day2 = [
      'vms',
      'addresses',
      'snapshot',
      'snapshots',
      'rollback',
      'export',
      'trash',
      'clients',
      'import-blocks',
      'forget-host',
      'init',
      'completion',
    ];
    expect(commands).toEqual(['review', 'preflight', 'verify', 'repair', 'runbook', ...day2, 'help']);
    expect(help.stdout).toContain('Exit codes: 0 all is well');
    expect(await cli.run('trash', '--help')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/restore/) });
    expect(await cli.run('--version')).toEqual({ exitCode: 0, stdout: version, stderr: '' });
  });

  test('vms shows where each VM is and what its disks take, and addresses says why there is none', async () => {
    const size = 16 * 2 ** 20;
    const disk = (target: string) => ({ target, source: expect.stringContaining(`${pool}/`), size, used: 0 });
    const disks = [disk('vda'), disk('vdb')];
    expect(await cli.json('vms')).toMatchObject([{ vm, state: 'running', driver, disks, waiting: [], addresses: [] }]);
    const told = await cli.run('vms');
    expect(told).toMatchObject({ exitCode: 0, stderr: '' });
    expect(told.stdout).toMatch(/ running +- +vda +16 MiB +0 bytes\n +vdb +16 MiB +0 bytes$/);
    expect(await cli.run('addresses', vm)).toEqual({
      exitCode: 2,
      stdout: `VM '${vm}' has no address yet: it has no network interface`,
      stderr: '',
    });
  });

  test('verify finds no difference, then names what was changed by hand and ends with 2', async () => {
    expect(await cli.run('verify')).toEqual({ exitCode: 0, stdout: '7 objects, all as they should be', stderr: '' });
    await admin.virsh('setmem', vm, '131072', '--config');
    const found = await cli.run('verify');
    expect(found.exitCode).toBe(2);
    expect(found.stdout).toMatch(/^terraform_data\.(.cli-vm)_spec: VM '\1': .*memory.*\n7 objects, 1 differs$/);
    const { ok, objects } = await cli.json('verify', vm);
    expect({ ok, addresses: objects.map((one: any) => one.address) }).toEqual({
      ok: false,
      addresses: [`terraform_data.${vm}_spec`],
    });
    expect((await cli.run('verify', `terraform_data.${vm}-root_spec`)).exitCode).toBe(0);
  });

  once('fails in one line for an address that the stack does not have', async () => {
    const { exitCode, stderr } = await cli.run('verify', 'web9');
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /^error\[[\w-]+\]: verify: the stack has no object 'web9'; its objects are: [^\n]*cli-vm[^\n]*$/,
    );
  });

  // With PROVIDER, too, for what it makes itself: cli/import-blocks.
  once('repair shows what differs, asks for a yes, and repairs it', async () => {
    await admin.virsh('setmem', vm, '131072', '--config');
    await admin.ceph('auth', 'caps', `client.${client}`, 'mon', 'profile rbd', 'osd', `profile rbd pool=${pool}`);
    const asked = await cli.run('repair');
    expect(asked.exitCode).toBe(1);
    expect(asked.stderr).toMatch(/client.*missing[\s\S]*VM '.cli-vm'.*memory[\s\S]*use --yes if there is no terminal/);
    const stdout = expect.stringMatching(/7 objects, all as they should be$/);
    expect(await cli.run('repair', '--yes')).toMatchObject({ exitCode: 0, stdout });
    await deployment.expectWhole();
  });

  test('runbook prints the commands in the right order, and no key', async () => {
    const { exitCode, stdout } = await cli.run('runbook');
    expect(exitCode).toBe(0);
    const lines = [
      new RegExp(`^ceph .*osd pool create ${pool}\\b`, 'm'),
      /^ceph .*\| virsh .* secret-set-value /m,
      /^virsh .* pool-define /m,
      /^virsh .* pool-start /m,
      new RegExp(`^virsh .* start ${vm}$`, 'm'),
    ];
    const places = lines.map((line) => stdout.search(line));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(stdout).not.toMatch(/^virsh .*(destroy|undefine) /m);
    const key = await admin.ceph('auth', 'get-key', `client.${client}`);
    expect(stdout).not.toContain(key.trim());
    expect((await cli.json('runbook', vm)).map((one: any) => one.kind)).toEqual(['domain']);
  });

  once('runbook --undo prints the way back, and changes nothing', async () => {
    const { exitCode, stdout } = await cli.run('runbook', '--undo');
    expect(exitCode).toBe(0);
    const lines = [
      new RegExp(`^shut_down ${vm} \\d+ virsh `, 'm'),
      /^virsh .* pool-undefine /m,
      /^virsh .* secret-undefine /m,
      /^rbd .*trash mv /m,
      /^ceph .*auth del /m,
    ];
    const places = lines.map((line) => stdout.search(line));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect((await cli.json('runbook', '--undo', vm)).map((one: any) => one.kind)).toEqual(['domain']);
    await deployment.expectWhole();
  });

  once('clients names the running VM that started before a key was renewed, until it is restarted', async () => {
    const user = (outdated: boolean): object => ({ vm, started: expect.any(String), outdated });
    const entity = { entity: `client.${client}` };
    const renewed = { ...entity, keyGeneration: 2, since: expect.any(String), until: expect.any(String) };
    expect(await cli.json('clients')).toEqual([
      { ...entity, keyGeneration: 1, users: [expect.objectContaining(user(false))] },
    ]);
    const { spec = {} } = (await deployment.specs())[`${name}-storage-client`] ?? {};
    await deployment.script('ceph-client', 'ensure', { ...spec, keyGeneration: 2 });
    expect(await cli.run('repair', '--yes')).toMatchObject({
      exitCode: 0,
      stderr: expect.stringContaining('older key'),
    });
    expect(await cli.json('clients')).toEqual([{ ...renewed, users: [expect.objectContaining(user(true))] }]);
    expect(await cli.run('clients')).toMatchObject({
      exitCode: 2,
      stdout: expect.stringMatching(/^client\.\w+-client: key of generation 2, .*\n.*\n +\w+-vm .* restart$/),
    });
    await admin.virsh('destroy', vm);
    await sleep(1000); // the time of a start is known to the second
    await admin.virsh('start', vm);
    expect(await cli.run('clients')).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/ ok$/) });
  });

  once(
    'trash list shows what was removed, with its owner and time, and restore brings it back, but never over another image',
    async () => {
      await admin.rbd('snap', 'create', '--no-progress', `${pool}/${vm}-vdb@kept`);
      // It has no guest that would release a disk.
      await admin.virsh('destroy', vm);
      await deployment.deploy(stackWith(false));
      const [trashed, ...others] = await cli.json('trash', 'list');
      expect(others).toEqual([]);
      expect(trashed).toMatchObject({
        pool,
        name: `${vm}-vdb`,
        owner: `project 'e2e', stack '${name}', workspace 'default'`,
        status: expect.stringMatching(/^protected until /),
      });
      const id = `${pool}/${trashed.id}`;
      const taken = await cli.run('trash', 'restore', id, '--name', `${vm}-root`);
      expect(taken).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining(`'${pool}/${vm}-root' already exists`),
      });
      const unusable = await cli.run('trash', 'restore', id, '--name', 'a@b');
      expect(unusable).toMatchObject({
        exitCode: 1,
        stderr: expect.stringContaining("'a@b' is not a valid image name"),
      });
      expect(await cli.run('trash', 'restore', id)).toMatchObject({
        exitCode: 0,
        stdout: `image '${pool}/${vm}-vdb' is restored`,
      });
      expect(await cli.json('trash', 'list', pool)).toEqual([]);
      const applied = await deployment.deploy(stackWith());
      expect(applied).toContain(`image '${pool}/${vm}-vdb' is restored from the trash`);
      expect(applied).not.toContain('Warning: image');
      expect(await admin.ceph('config-key', 'ls')).not.toContain(id);
      expect(await cli.json('snapshots', vm)).toEqual([expect.objectContaining({ name: 'kept' })]);
    },
  );

  once('trash list shows what is in a named pool, even when the state no longer knows anything', async () => {
    await deployment.destroy();
    const listed = await cli.json('trash', 'list', pool);
    expect(listed.map((one: any) => one.name).sort()).toEqual([`${vm}-root`, `${vm}-vdb`]);
    const unknown = await cli.run('trash', 'list', `${pool}-none`);
    expect(unknown).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('no cluster of the stack has a pool'),
    });
    expect(await cli.run('trash', 'restore', `${pool}/${listed[0].id}`)).toMatchObject({ exitCode: 0 });
  });
});
