import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import { Duration, LibvirtDriver } from '../../constructs';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { Deployment } from '../helpers/deploy';
import { describeByDriver, onceFor } from '../helpers/drivers';
import { useLab } from '../helpers/lab';
import { CONSOLE, DATA, type LifeParts, lifeStack, OBJECTS, PROVIDERS } from '../helpers/life-stack';
import { Admin } from '../helpers/world';

const lab = useLab();

describeByDriver('A stack lives', (driver) => {
  const once = onceFor(driver);
  const byProvider = driver === LibvirtDriver.PROVIDER;
  const deployment = new Deployment('life');
  const stackWith = (parts: LifeParts = {}): ((stack: TerraformStack) => void) => lifeStack(lab(), driver, parts);
  let admin: Admin;

  /** The planned changes when these objects are replaced. */
  function replacements(...names: string[]): string[] {
    const addresses = names.flatMap((name) => [
      `terraform_data.${name}_spec`,
      `terraform_data.${name}_spec_confirmed`,
      ...(byProvider ? (PROVIDERS[name] ?? []) : []),
    ]);
    return addresses.map((address) => `${address}: delete create`).sort();
  }

  /** The VM runs, and with VIRSH still has that ID: the provider creates it again. */
  async function expectRuns(id: string): Promise<void> {
    expect(await admin.virsh('domstate', 'life-vm')).toBe('running');
    if (!byProvider) expect(await admin.virsh('domid', 'life-vm')).toBe(id);
  }

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('life-pool');
    const start = admin.console(CONSOLE).length;
    await deployment.deploy(stackWith());
    await deployment.expectWhole();
    await admin.seen(CONSOLE, /^DISK vda BOOTS 1$/, start);
  });

  afterAll(async () => {
    deployment.remove();
    await admin.clear('life-');
  });

  describe('Each object damaged by hand is repaired with -replace of its address', () => {
    const damages: readonly (readonly [what: string, names: string[], damage: () => Promise<unknown>])[] = [
      [
        'an undefined storage pool, a changed client, a changed pool, a deleted secret and a VM that was switched off',
        ['life-storage', 'life-storage-client', 'life-storage-pool', 'life-storage-secret', 'life-vm'],
        async () => {
          await admin.virsh('pool-destroy', 'life-storage');
          await admin.virsh('pool-undefine', 'life-storage');
          await admin.ceph('auth', 'caps', 'client.life-client', 'mon', 'profile rbd');
          await admin.ceph('osd', 'pool', 'application', 'disable', 'life-pool', 'rbd', '--yes-i-really-mean-it');
          await admin.virsh('destroy', 'life-vm');
          await admin.virsh('secret-undefine', await uuidOfSecret());
        },
      ],
      [
        'a stopped storage pool and a changed VM',
        ['life-storage', 'life-vm'],
        async () => {
          await admin.virsh('pool-destroy', 'life-storage');
          await admin.virsh('setmem', 'life-vm', '32768', '--config');
        },
      ],
      [
        'an undefined VM',
        ['life-vm'],
        () => admin.virsh('destroy', 'life-vm').then(() => admin.virsh('undefine', 'life-vm')),
      ],
      [
        'a VM without its root disk',
        ['life-vm', 'life-vm-root'],
        () => admin.virsh('destroy', 'life-vm').then(() => admin.rbd('rm', '--no-progress', 'life-pool/life-vm-root')),
      ],
    ];

    // With PROVIDER the first, which has all kinds in it; an undefined VM comes below.
    test.each(byProvider ? damages.slice(0, 1) : damages)('%s', async (_what, names, damage) => {
      await damage();
      const differing = (await deployment.differences()).map((line) => line.split(':')[0]);
      expect(differing).toEqual(expect.arrayContaining(names));
      await deployment.deploy(stackWith(), ...names.map((one) => `-replace=terraform_data.${one}_spec`));
    });

    async function uuidOfSecret(): Promise<string> {
      const line = (await admin.virsh('secret-list'))
        .split('\n')
        .find((one) => one.includes('client.life-client secret'));
      return line?.trim().split(/ +/)[0] ?? '';
    }
  });

  test('what a killed Terraform recorded in its state but never created is created by the next apply', async () => {
    // As Terraform (1.11) writes it if another resource is done while the script of this one is still running.
    await deployment.must('state', 'rm', 'terraform_data.life-vm_spec_confirmed');
    await admin.virsh('destroy', 'life-vm');
    await admin.virsh('undefine', 'life-vm');
    const planned = await deployment.plannedChanges();
    // The provider looks too, and finds its VM gone.
    const own = byProvider ? planned.filter((line) => line.startsWith('terraform_data.life-')) : planned;
    const started = byProvider ? ['terraform_data.life-vm_started: delete create'] : [];
    expect(own).toEqual(['terraform_data.life-vm_spec_confirmed: create', ...started]);
    await deployment.deployPlanned();
    expect(await admin.virsh('domstate', 'life-vm')).toBe('running');
  });

  describe('A taint replaces what it must and removes nothing', () => {
    // With PROVIDER, too, where the entries below are tainted, which replaces all objects.
    once('of an object: only itself and its confirmation', async () => {
      const before = await admin.inventory('life-');
      const id = await admin.virsh('domid', 'life-vm');
      for (const name of OBJECTS) {
        await deployment.must('taint', `terraform_data.${name}_spec`);
      }
      expect((await deployment.plannedChanges()).sort()).toEqual(replacements(...OBJECTS));
      await deployment.deployPlanned();
      expect(await admin.inventory('life-')).toEqual(before);
      await expectRuns(id);
    });

    once('of a confirmation: itself, and what only the provider creates after it', async () => {
      const id = await admin.virsh('domid', 'life-vm');
      for (const name of OBJECTS) {
        await deployment.must('taint', `terraform_data.${name}_spec_confirmed`);
      }
      const planned = await deployment.plannedChanges();
      expect(planned.sort()).toEqual(
        replacements(...OBJECTS).filter(
          (line) => !OBJECTS.some((name) => line.startsWith(`terraform_data.${name}_spec:`)),
        ),
      );
      await deployment.deployPlanned();
      await expectRuns(id);
    });

    const entries = [
      ['ceph_pools["life-pool"]', 'life-storage-pool'],
      ['ceph_clients["life-client"]', 'life-storage-client'],
      ['ceph_images["life-pool/life-vm-sdb"]', 'life-vm-sdb'],
      ['kvm1_secrets["client.life-client secret"]', 'life-storage-secret'],
      ['kvm1_storage_pools["life-storage"]', 'life-storage'],
      ['kvm1_domains["life-vm"]', 'life-vm'],
    ] as const;

    /** The registry entry that the VM's mark names. */
    async function entryId(): Promise<string> {
      const found = /"entryId":"([0-9a-f-]{36})"/.exec(await admin.virsh('dumpxml', '--inactive', 'life-vm'));
      if (!found) throw new Error('the mark of the VM names no entry');
      return found[1] ?? '';
    }

    once.each(entries)('of the registry entry %s: itself and its object %s', async (entry, name) => {
      await deployment.must('taint', `terraform_data.${entry}`);
      const planned = await deployment.plannedChanges();
      expect(planned.sort()).toEqual([`terraform_data.${entry}: delete create`, ...replacements(name)].sort());
      await deployment.must('untaint', `terraform_data.${entry}`);
    });

    const attachment = 'terraform_data.kvm1_disk_attachments["life-vm/sdb"]';
    /** Whether the VM's mark names the entry of its disk sdb. */
    async function namesAttachment(): Promise<boolean> {
      const [, made = 'none'] = /id += "(.*)"/.exec(await deployment.must('state', 'show', attachment)) ?? [];
      return (await admin.virsh('dumpxml', '--inactive', 'life-vm')).includes(made);
    }

    test('of the registry entry of a data disk: itself, and with VIRSH the VM, whose mark names it', async () => {
      await deployment.must('taint', attachment);
      const planned = await deployment.plannedChanges();
      const vm = byProvider ? [] : replacements('life-vm');
      expect(planned.sort()).toEqual([`${attachment}: delete create`, ...vm].sort());
      await deployment.must('untaint', attachment);
    });

    test("of all registry entries: every object is still there, and the VM's mark names its new entry, and with VIRSH those of its disks", async () => {
      const before = await admin.inventory('life-');
      const [id, marked] = [await admin.virsh('domid', 'life-vm'), await entryId()];
      const all = [...entries.map(([entry]) => `terraform_data.${entry}`), attachment];
      for (const entry of all) await deployment.must('taint', entry);
      expect((await deployment.plannedChanges()).sort()).toEqual(
        [...all.map((entry) => `${entry}: delete create`), ...replacements(...entries.map(([, name]) => name))].sort(),
      );
      await deployment.deployPlanned();
      expect(await admin.inventory('life-')).toEqual(before);
      await expectRuns(id);
      expect(await entryId()).not.toBe(marked);
      expect(await namesAttachment()).toBe(!byProvider);
    });
  });

  // With PROVIDER, too: day2/vm.
  once(
    'one of two data disks leaves the VM, which runs on with VIRSH, and the other keeps its data and its name',
    async () => {
      const id = await admin.virsh('domid', 'life-vm');
      const image = await admin.imageId('life-pool/life-vm-sdc');
      await deployment.deploy(stackWith({ dataDisks: DATA.slice(1) }));
      await expectRuns(id);
      expect(await admin.virsh('domblklist', 'life-vm')).not.toContain('sdb');
      expect(await admin.virsh('domblklist', 'life-vm')).toMatch(/sdc +life-pool\/life-vm-sdc/);
      expect(await admin.imageId('life-pool/life-vm-sdc')).toBe(image);
      expect(await admin.inventory('life-')).toEqual(
        expect.arrayContaining(['image life-pool/life-vm-sdc', 'trash life-pool/life-vm-sdb']),
      );
    },
  );

  once('the VM runs on while its storage pool is inactive, and starts without it', async () => {
    await admin.virsh('pool-destroy', 'life-storage');
    await admin.virsh('destroy', 'life-vm');
    await deployment.apply(stackWith({ dataDisks: DATA.slice(1) }), '-replace=terraform_data.life-vm_spec');
    expect(await admin.virsh('domstate', 'life-vm')).toContain('running');
    expect(await admin.virsh('pool-info', 'life-storage')).toMatch(/State: +inactive/);
    await deployment.deploy(stackWith({ dataDisks: DATA.slice(1) }), '-replace=terraform_data.life-storage_spec');
  });

  test('the synthesized stack names no folder of this machine', () => {
    expect(deployment.text()).not.toContain(deployment.folder);
    expect(deployment.text()).not.toContain(process.cwd());
  });

  once('the synthesized folder, copied elsewhere, can be applied with plain terraform', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'clc-copy-'));
    cpSync(deployment.stackFolder, copy, { recursive: true });
    const options = { cwd: copy, env: { CHECKPOINT_DISABLE: '1', NODE_PATH: '' }, reject: false, all: true } as const;
    const applied = await execa(
      terraformBinary(),
      ['apply', '-auto-approve', '-no-color', '-replace=terraform_data.life-storage_spec'],
      options,
    );
    cpSync(join(copy, 'terraform.tfstate'), join(deployment.stackFolder, 'terraform.tfstate'));
    rmSync(copy, { recursive: true });
    const n = replacements('life-storage').length;
    expect(applied.all).toContain(`Apply complete! Resources: ${n} added, 0 changed, ${n} destroyed.`);
  });

  test('another shutdown timeout touches no VM', async () => {
    const id = await admin.virsh('domid', 'life-vm');
    const dataDisks = byProvider ? DATA : DATA.slice(1);
    const build = stackWith({ dataDisks, shutdownTimeout: Duration.seconds(40) });
    const entries = [...(byProvider ? ['kvm1_domain_stops'] : []), 'kvm1_domains'];
    expect((await deployment.synth(build).plannedChanges()).sort()).toEqual(
      [
        ...entries.map((entry) => `terraform_data.${entry}["life-vm"]: update`),
        // With VIRSH it is a field of the spec; the apply looks and finds nothing to do.
        ...(byProvider ? [] : replacements('life-vm')),
      ].sort(),
    );
    await deployment.deployPlanned();
    expect(await admin.virsh('domid', 'life-vm')).toBe(id);
  });

  test('the last VM leaves the code: it is stopped and undefined, and its images go to the trash, in that order and one apply', async () => {
    const output = await deployment.deploy(stackWith({ vm: false }));
    // The timeout of the previous apply.
    expect(output).toContain("VM 'life-vm': shutting down, for up to 40 seconds");
    const order = [
      ...(byProvider ? ['kvm1_domain_stops["life-vm"]: ', 'libvirt_domain.kvm1-life-vm: '] : []).map(
        (one) => `${one}Destruction complete`,
      ),
      'kvm1_domains["life-vm"]: Destruction complete',
      'ceph_images["life-pool/life-vm-root"]: Destroying',
    ];
    const places = order.map((line) => output.indexOf(line));
    expect(places).not.toContain(-1);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    const left = await admin.inventory('life-');
    expect(left.filter((line) => /^(domain|trash) /.test(line))).toEqual(
      ['root', 'sdb', 'sdc'].map((disk) => `trash life-pool/life-vm-${disk}`),
    );
    expect(left).toContain('image life-pool/life-golden');
  });

  once('the last image leaves the code: its registry stays, empty, and the image is in the trash', async () => {
    await deployment.deploy(stackWith({ vm: false, golden: false }));
    const left = await admin.inventory('life-');
    expect(left.filter((line) => line.startsWith('image '))).toEqual([]);
    expect(left).toContain('trash life-pool/life-golden');
    expect(left).toContain('pool life-pool');
  });
});
