import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import {
  CephClient,
  CephPool,
  Duration,
  LibvirtCephSecret,
  type LibvirtHost,
  RbdBackedVm,
  RbdImage,
  Size,
  Transport,
} from '../../../constructs';
import { CommandLine } from '../../helpers/cli';
import { Deployment } from '../../helpers/deploy';
import { useLab, virsh, wordsInto } from '../../helpers/lab';
import { until } from '../../helpers/until';
import { Admin, labCluster, labHost } from '../../helpers/world';

const lab = useLab({ hosts: 2 });
const VM = 'mig-vm';

/** With VIRSH: with PROVIDER a VM whose client changes is replaced, and needs no migration for that. */
describe('A live migration of a VM', () => {
  const deployment = new Deployment('mig');
  const cli = new CommandLine(deployment);
  const folder = mkdtempSync(join(tmpdir(), 'mig-'));
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('mig-pool');
    await deployment.deploy(stackWith({ clients: ['mig-one'] }));
  });
  afterAll(async () => {
    deployment.remove();
    rmSync(folder, { recursive: true });
    await admin.clear('mig-');
  });

  /** The VM uses the last of the clients, whose secrets are on both hosts. */
  function stackWith({
    clients,
    keyGeneration,
  }: {
    readonly clients: readonly string[];
    readonly keyGeneration?: number;
  }) {
    return (stack: TerraformStack): void => {
      const cluster = labCluster(stack, lab());
      const [kvm1, kvm2] = [0, 1].map((index) => {
        // Its /run/libvirt says when a QEMU was started.
        return labHost(stack, lab(), { transport: Transport.command(wordsInto(lab(), index)) }, index);
      }) as [LibvirtHost, LibvirtHost];
      const pool = new CephPool(stack, 'mig-pool', { cluster });
      const secrets = clients.map((id) => {
        const client = new CephClient(stack, id, { cluster, keyGeneration });
        pool.grantReadWrite(client);
        new LibvirtCephSecret(stack, `${id}-there`, { host: kvm2, client });
        return new LibvirtCephSecret(stack, `${id}-here`, { host: kvm1, client });
      });
      new RbdBackedVm(stack, VM, {
        secret: secrets.at(-1),
        vcpus: 1,
        memory: Size.mebibytes(64),
        rootDisk: { image: new RbdImage(stack, 'mig-root', { pool, size: Size.mebibytes(8) }) },
        shutdownTimeout: Duration.seconds(1),
      });
    };
  }

  /** Migrates there or back, with another definition if one is given. */
  async function migrate(from: 0 | 1, xml?: string): Promise<void> {
    const file = join(folder, 'vm.xml');
    if (xml !== undefined) writeFileSync(file, xml);
    const definition = xml === undefined ? [] : ['--xml', file, '--persistent-xml', file];
    const how = ['--live', '--persistent', '--undefinesource', '--migrateuri', 'tcp://127.0.0.1'];
    await virsh(lab(), from, 'migrate', ...how, ...definition, VM, lab().hosts[1 - from]?.virshUri ?? '');
  }

  test('makes its snapshot fail on the host it left, which cannot tell that the VM runs, because its disks are in use', async () => {
    await migrate(0);
    const { exitCode, stderr } = await cli.run('snapshot', VM, 'monday');
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: expect.stringContaining('it may run elsewhere; if') });
    expect(stderr).toMatch(
      /VM 'mig-vm' is not defined on \S+, but image 'mig-pool\/mig-root' is open by client\.\d+ at /,
    );
    expect(await admin.rbd('snap', 'ls', 'mig-pool/mig-root')).toBe('');
    await migrate(1);
  });

  test('gives it the new key: it opens its disk on the other host, and clients no longer names it', async () => {
    await deployment.deploy(stackWith({ clients: ['mig-one'], keyGeneration: 2 }));
    expect((await cli.run('clients')).stdout).toMatch(/mig-vm .* restart$/m);
    await migrate(0);
    expect(await virsh(lab(), 1, 'domstate', VM)).toMatch(/running/);
    expect((await cli.run('clients')).stdout).toMatch(/mig-vm .* ok$/m);
    await until('one QEMU has the disk open', async () => (await admin.watchers('mig-pool/mig-root')) === 1);
    await migrate(1);
    await deployment.expectWhole();
  });

  test("gives it its successor's key, with the definition that the apply has made, and the old client can be removed", async () => {
    await deployment.deploy(stackWith({ clients: ['mig-one', 'mig-two'], keyGeneration: 2 }));
    expect(await virsh(lab(), 0, 'dumpxml', VM)).toContain(`<auth username='mig-one'>`);
    expect(await deployment.failToDeploy(stackWith({ clients: ['mig-two'], keyGeneration: 2 }))).toMatch(
      /secret 'client\.mig-one secret' is used by VM 'mig-vm'/,
    );
    await migrate(0, await virsh(lab(), 0, 'dumpxml', '--inactive', '--migratable', VM));
    expect(await virsh(lab(), 1, 'dumpxml', VM)).toContain(`<auth username='mig-two'>`);
    await migrate(1);
    await deployment.deploy(stackWith({ clients: ['mig-two'], keyGeneration: 2 }));
    expect(await virsh(lab(), 0, 'domstate', VM)).toMatch(/running/);
    expect((await admin.inventory('mig-')).filter((line) => line.startsWith('client '))).toEqual([
      'client client.mig-two',
    ]);
  });
});
