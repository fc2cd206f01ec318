import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { TerraformVariable, type TerraformStack } from 'cdktf';
import {
  CephRbdStoragePool,
  ImageSource,
  RbdBackedVm,
  RbdImage,
  RemovalPolicy,
  Size,
  type RbdBackedVmProps,
} from '../../constructs';
import { Deployment, PLAN } from '../helpers/deploy';
import { describeByDriver, onceFor } from '../helpers/drivers';
import { filesUnder } from '../helpers/key-search';
import { useLab } from '../helpers/lab';
import { Admin, world } from '../helpers/world';

const lab = useLab();

/** In the code, and through a variable: neither may be found where the text does not belong. */
const WRITTEN = 'written-secret-5b1d';
const VARIABLE = 'variable-"secret"\\7c2e';
const LATER = 'later-secret-90aa';
/** Text that a shell, Terraform or YAML would change. */
const TEXT = '#!/bin/sh\necho "${HOME} %{if} $${x}" \'é😀\' \\n\t# ' + WRITTEN + '\r\n\n';
const IGNITION = `{"ignition":{"version":"3.4.0"},"passwd":{"users":[{"name":"core","passwordHash":"${WRITTEN}"}]}}`;

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

describeByDriver('The seed that a guest reads when it boots', (driver, prefix) => {
  const once = onceFor(driver);
  const [vm, pool] = [`${prefix}seed1`, `${prefix}seed-pool`];
  const log = `${vm}-console.log`;
  const deployment = new Deployment(`${prefix}seed`);
  let admin: Admin;
  let from = 0;

  const stackWith =
    (guest: (password: string) => Partial<RbdBackedVmProps>) =>
    (stack: TerraformStack): void => {
      const { ceph, host } = world(stack, lab(), driver);
      const storage = new CephRbdStoragePool(stack, `${prefix}seed-storage`, {
        host,
        cluster: ceph,
        poolName: pool,
        clientId: `${prefix}seed-client`,
      });
      const password = new TerraformVariable(stack, 'password', { type: 'string', sensitive: true });
      password.addOverride('ephemeral', true);
      const root = new RbdImage(stack, `${prefix}seed-root`, {
        pool: storage.pool,
        source: ImageSource.file(lab().guestImage),
        removalPolicy: RemovalPolicy.DELETE,
      });
      new RbdBackedVm(stack, vm, {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(256),
        rootDisk: { image: root },
        serialLogFile: `/var/log/libvirt/qemu/${log}`,
        ...guest(password.stringValue),
      });
    };
  const first = stackWith((password) => ({
    cloudInit: {
      hostname: 'web',
      sshAuthorizedKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB3v0Wq1 me@example.org\n'],
      userData: TEXT,
      networkConfig: { ethernets: { all: { match: { name: 'e*' }, dhcp4: true } } },
      vendorData: { password, note: WRITTEN },
    },
  }));

  /** The address of the seed's object. */
  function seedObject(): string {
    const { resource } = JSON.parse(deployment.text()) as { resource: { terraform_data: object } };
    const names = Object.keys(resource.terraform_data).filter((name) => name.startsWith(`${vm}-seed`));
    return `terraform_data.${names.find((name) => !name.endsWith('_confirmed')) ?? ''}`;
  }
  const seen = (file: string, text: string): Promise<string> =>
    admin.seen(log, new RegExp(`^CIDATA ${file}: ${text}$`), from);
  const holds = (file: string, text: string): Promise<string> =>
    admin.seen(log, new RegExp(`^CIDATA ${file} SHA256 ${sha256(text)}$`), from);
  /** Reboots the guest within the running QEMU. */
  async function reboot(): Promise<void> {
    from = admin.console(log).length;
    await admin.virsh('reset', vm);
  }

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe(pool);
    process.env['TF_VAR_password'] = VARIABLE;
    from = admin.console(log).length;
  });

  afterAll(async () => {
    delete process.env['TF_VAR_password'];
    deployment.remove();
    await admin.clear(`${prefix}seed-`);
  });

  test('is on a CD byte for byte as given, with an object as YAML', async () => {
    await deployment.deploy(first);
    await deployment.expectWhole();
    expect(await holds('user-data', TEXT)).toBeTruthy();
    await seen('meta-data', 'local-hostname: web');
    await seen('meta-data', '  - "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB3v0Wq1 me@example.org"');
    await seen('network-config', 'version: 2');
    await seen('vendor-data', '#cloud-config');
    // A variable's value is data, including quotes.
    await seen('vendor-data', 'password: "variable-\\\\"secret\\\\"\\\\\\\\7c2e"');
  });

  test('its text is in no plan, state or log, and next to the stack only its owner can read it', async () => {
    deployment.synth(first);
    const seed = seedObject();
    const id = await admin.virsh('domid', vm);
    const planned = await deployment.plan(`-replace=${seed}`);
    const shown = await deployment.must('show', '-json', PLAN);
    const output = planned + (await deployment.deployPlanned());
    expect(await admin.virsh('domid', vm)).toBe(id);
    const assets = join(deployment.stackFolder, 'assets/cdktf-libvirt-ceph-seeds');
    const others = filesUnder([deployment.stackFolder]).filter((file) => !file.startsWith(assets));
    const places = {
      output,
      shown,
      domain: await admin.virsh('dumpxml', vm),
      metadata: await admin.rbd('image-meta', 'list', `${pool}/${vm}-seed`),
      ...Object.fromEntries(others.map((file) => [file, readFileSync(file, 'latin1')])),
    };
    expect(Object.keys(places).map((name) => name.replace(/.*\//, ''))).toEqual(
      expect.arrayContaining(['cdk.tf.json', 'terraform.tfstate', 'plan']),
    );
    const secrets = [WRITTEN, VARIABLE, 'variable-', JSON.stringify(VARIABLE).slice(1, -1)];
    const found = Object.entries(places).filter(([, text]) => secrets.some((secret) => text.includes(secret)));
    expect(found.map(([name]) => name)).toEqual([]);
    const [asset, ...more] = readdirSync(assets);
    expect(more).toEqual([]);
    expect(readFileSync(join(assets, asset ?? ''), 'utf8')).toContain(WRITTEN);
    expect(readFileSync(join(assets, asset ?? ''), 'utf8')).not.toContain('variable-');
    expect(statSync(join(assets, asset ?? '')).mode & 0o777).toBe(0o600);
    expect(statSync(assets).mode & 0o777).toBe(0o700);
  });

  once('another value of a variable replaces the seed without stopping a VM, and its next boot reads it', async () => {
    const id = await admin.virsh('domid', vm);
    process.env['TF_VAR_password'] = LATER;
    const output = await deployment.must('apply', '-auto-approve', `-replace=${seedObject()}`);
    expect(output).not.toContain(LATER);
    await reboot();
    await seen('vendor-data', `password: "?${LATER}"?`);
    expect(await admin.virsh('domid', vm)).toBe(id);
    await deployment.expectWhole();
  });

  once('a change is planned by hashes, and an Ignition config replaces it without stopping a VM', async () => {
    const id = await admin.virsh('domid', vm);
    const image = await admin.imageId(`${pool}/${vm}-seed`);
    deployment.synth(stackWith(() => ({ ignition: IGNITION })));
    const planned = await deployment.plannedChanges();
    expect(planned.filter((line) => !line.startsWith(seedObject()))).toEqual([]);
    expect(await deployment.must('show', PLAN)).toMatch(/~ user-data += "[0-9a-f]{16}" -> "[0-9a-f]{16}"/);
    await deployment.deployPlanned();
    expect(await admin.virsh('domid', vm)).toBe(id);
    expect(await admin.imageId(`${pool}/${vm}-seed`)).toBe(image);
  });

  once('the next boot reads the Ignition config byte for byte, and nothing of the seed before it', async () => {
    await reboot();
    await holds('user-data', IGNITION);
    expect(admin.console(log).slice(from).join('\n')).not.toContain('CIDATA vendor-data');
  });

  once('is removed from the VM together with its image', async () => {
    await deployment.deploy(stackWith(() => ({})));
    expect(await admin.virsh('dumpxml', '--inactive', vm)).not.toContain('cdrom');
    // Its mark still names the definition with which it was started.
    const [, devices] = (await admin.virsh('dumpxml', vm)).split('<devices>');
    expect(devices).toContain(`${pool}/`);
    expect(devices).not.toContain(`${vm}-seed`);
    expect(await admin.rbd('ls', pool)).not.toContain('seed1-seed');
  });
});
