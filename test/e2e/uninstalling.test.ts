import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { CephRbdStoragePool, ImageSource, LibvirtDriver, RbdBackedVm, RbdImage, Size } from '../../constructs';
import { Deployment } from '../helpers/deploy';
import { useLab } from '../helpers/lab';
import { Admin, world } from '../helpers/world';

const lab = useLab();
const PAGE = readFileSync(join(__dirname, '../../docs/uninstalling.md'), 'utf8');
const POOL = 'gone-pool';
const VM = 'gone-vm';

/** The nth command of the page's row that begins with these words, with names of this test for the page's. */
function line(row: string, index: number, names: { readonly [word: string]: string } = {}): string {
  const found = PAGE.split('\n').find((text) => text.startsWith(`| ${row}`)) ?? '';
  const commands = [...found.matchAll(/`((?:ceph|rbd|rados|virsh|grep) [^`]+)`/g)].map(([, command]) => command ?? '');
  const all = { POOL, VM, ...names };
  return Object.entries(all).reduce(
    (text, [word, name]) => text.replace(new RegExp(`\\b${word}\\b`, 'g'), name),
    commands[index] ?? `false # the page's row '${row}' has no command ${index}`,
  );
}

/** Runs a line as the page has it, where its tools find the lab; what it printed. */
async function typed(text: string): Promise<string> {
  const env = { CEPH_CONF: lab().cephConf, LIBVIRT_DEFAULT_URI: lab().hosts[0]?.virshUri };
  const { all } = await execa('bash', ['-c', text], { env, all: true, reject: false });
  return all;
}

function stackOf(stack: TerraformStack): void {
  const { ceph, host } = world(stack, lab(), LibvirtDriver.VIRSH);
  const storage = new CephRbdStoragePool(stack, 'gone', { host, cluster: ceph, poolName: POOL, clientId: 'gone' });
  const golden = new RbdImage(stack, 'gone-golden', { pool: storage.pool, size: Size.mebibytes(8) });
  new RbdBackedVm(stack, VM, {
    storage,
    vcpus: 1,
    memory: Size.mebibytes(64),
    rootDisk: { source: ImageSource.clone(golden) },
  });
}

describe("The page's lines on keeping the VMs and dropping the tool", () => {
  const deployment = new Deployment('gone');
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(POOL);
    await deployment.deploy(stackOf);
  });

  afterAll(async () => {
    const uuid = (await admin.virsh('secret-list')).split('\n').find((text) => text.includes('client.gone secret'));
    await typed(`virsh destroy ${VM}; virsh undefine ${VM}; virsh pool-destroy gone; virsh pool-undefine gone`);
    await typed(`virsh secret-undefine ${uuid?.trim().split(' ')[0] ?? ''}; ceph auth rm client.gone`);
    await typed(`rbd snap rm ${POOL}/gone-golden@cdktf-libvirt-ceph`);
    await typed('ceph config-key rm cdktf-libvirt-ceph/client/client.gone');
    await admin.wipe(POOL);
    deployment.remove();
  });

  it('list the mark of each kind, and clear it', async () => {
    const keys = Object.keys(JSON.parse(await typed(line('pools, clients, trash', 0))) as object);
    const ours = keys.filter((key) => key.includes('gone'));
    expect(ours).toHaveLength(2);
    for (const key of ours) await typed(line('pools, clients, trash', 1, { KEY: key }));
    expect(await typed(line('pools, clients, trash', 0))).not.toContain('gone');

    const image = { IMAGE: `${VM}-root` };
    const marks = (await typed(line('images, snapshots', 0, image))).match(/cdktf-libvirt-ceph\S*/g) ?? [];
    expect(marks.length).toBeGreaterThan(0);
    for (const key of new Set(marks)) await typed(line('images, snapshots', 1, { ...image, KEY: key }));
    expect(await typed(line('images, snapshots', 0, image))).not.toContain('cdktf-libvirt-ceph');

    expect(await typed(line('VMs', 0))).toContain('gone');
    await typed(line('VMs', 1));
    expect(await typed(line('VMs', 0))).not.toContain('entry');

    const listed = (await admin.virsh('secret-list')).split('\n').find((text) => text.includes('client.gone secret'));
    const uuid = listed?.trim().split(' ')[0] ?? '';
    expect(await typed(line('secrets', 0, { UUID: uuid }))).toMatch(/<description>/);
    expect(await typed(line('disks', 0))).toContain('ua-cdktf-vda');
    expect(await typed(line('clone snapshots', 0, { IMAGE: 'gone-golden' }))).toContain('cdktf-libvirt-ceph');
  });

  it('leave the VM running', async () => {
    expect(await admin.virsh('domstate', VM)).toBe('running');
  });

  it('and what has no mark any more is not taken over by an apply', async () => {
    const output = await deployment.failToDeploy(stackOf, '-replace=terraform_data.gone-pool_spec');
    expect(output).toContain('[unmarked]');
  });

  it('show the locks that are held', async () => {
    const shown = await typed(line('of an image, in Ceph', 0, { IMAGE: `${VM}-root` }));
    expect(JSON.parse(shown)).toMatchObject({ lockers: [] });
  });
});
