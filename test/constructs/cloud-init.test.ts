import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, Fn, TerraformVariable, Testing, Token, type TerraformStack } from 'cdktf';
import type { CloudInitProps } from '../../constructs';
import { stableUuid } from '../../lib/model';
import { DRIVERS, Scene } from '../helpers/scene';
import { seedFiles, vmWith } from '../helpers/seed-stacks';
import { codes, codesOf, refusal, stackOf, synth } from '../helpers/synth';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB3v0Wq1 me@example.org';
const cloudInit = (props: CloudInitProps) => ({ cloudInit: props });
const VM = 'terraform_data.web1_spec';
const SPEC = 'terraform_data.web1-seed_spec';
const hashes = (props: CloudInitProps): { [name: string]: string } =>
  synth(vmWith(cloudInit(props))).fields(SPEC).source.seed.files;

describe('cloudInit', () => {
  it.each(DRIVERS)('is a CD on virtio-scsi whose image is removed with the VM, with %s', (driver) => {
    const { fields, entries, at } = synth(vmWith(cloudInit({}), driver));
    expect(fields(VM).disks).toEqual({
      vda: expect.objectContaining({ image: 'vms/web1-disk', bootIndex: 1 }),
      sdg: { image: 'vms/web1-seed', bus: 'scsi', cdrom: true, readOnly: true, discard: false },
    });
    expect(entries('terraform_data.ceph_images')['vms/web1-seed'].removalPolicy).toBe('delete');
    expect(entries('terraform_data.kvm1_disk_attachments')['web1/sdg'].image).toBe('vms/web1-seed');
    expect(at(VM).depends_on).toContain(`${SPEC}_confirmed`);
    expect(fields(SPEC)).toEqual({
      pool: 'vms',
      name: 'web1-seed',
      source: { seed: { files: { 'meta-data': expect.any(String), 'user-data': expect.any(String) } } },
    });
  });

  it("does not appear among the VM's disks", () => {
    const stack = stackOf();
    const vm = new Scene(stack).vm('web1', cloudInit({}));
    expect(vm.disks.map(({ target }) => target)).toEqual(['vda']);
  });

  it('names the guest after its VM by default, and gives it a stable id', () => {
    expect(seedFiles(vmWith(cloudInit({})))).toEqual({
      'meta-data': `instance-id: ${stableUuid('domain', 'web1')}\nlocal-hostname: web1\n`,
      'user-data': '#cloud-config\n{}\n',
    });
    const unfit = (stack: TerraformStack): void => void new Scene(stack).vm('web_1', cloudInit({}));
    expect(seedFiles(unfit)['meta-data']).toMatch(/^instance-id: "?[0-9a-f-]{36}"?\n$/);
  });

  it('passes hostname and keys as meta data, and lets explicit values win', () => {
    const props = {
      hostname: 'web.example.org',
      sshAuthorizedKeys: [`${KEY}\n`],
      metaData: { 'instance-id': 'web1-2' },
    };
    expect(seedFiles(vmWith(cloudInit(props)))['meta-data']).toBe(
      `instance-id: web1-2\nlocal-hostname: web.example.org\npublic-keys:\n  - "${KEY}"\n`,
    );
  });

  it('passes text through unchanged, and turns objects into YAML', () => {
    const userData = '#!/bin/sh\necho "${HOME}" %{if} $${x} é\u0301\r\n';
    const files = seedFiles(
      vmWith(
        cloudInit({
          userData,
          vendorData: { write_files: [{ path: '/a', content: 'b\nc\n', permissions: '0644' }], none: undefined },
          networkConfig: { ethernets: { eth0: { dhcp4: true } } },
        }),
      ),
    );
    expect(files['user-data']).toBe(userData);
    expect(files['vendor-data']).toBe(
      '#cloud-config\nwrite_files:\n  - path: /a\n    content: |\n      b\n      c\n    permissions: "0644"\n',
    );
    expect(files['network-config']).toBe('version: 2\nethernets:\n  eth0:\n    dhcp4: true\n');
  });

  it.each([
    ['a network config of version 1', { version: 1, config: [] }, 'version: 1\nconfig: []\n'],
    ['a config below the key network', { network: { version: 2 } }, 'network:\n  version: 2\n'],
  ])('takes %s unchanged', (_, networkConfig, text) => {
    expect(seedFiles(vmWith(cloudInit({ networkConfig })))['network-config']).toBe(text);
  });

  it('shows by hashes which part changes, and shows no text', () => {
    const before = { userData: { password: 'sekret-1' }, vendorData: '#!/bin/sh\n' };
    const [one, other] = [hashes(before), hashes({ ...before, userData: { password: 'sekret-2' } })];
    expect(Object.keys(one).filter((name) => one[name] !== other[name])).toEqual(['user-data']);
    const { text, context } = synth(vmWith(cloudInit(before)));
    expect(text).not.toContain('sekret');
    expect(context(SPEC).seedFile).toMatch(
      /^\$\{abspath\(path\.module\)\}\/assets\/cdktf-libvirt-ceph-seeds\/[0-9a-f]{64}\.json$/,
    );
  });

  it('changes when the expression of a variable changes, but not when its position among others does', () => {
    const of = (name: string) =>
      synth(
        vmWith((stack) => cloudInit({ userData: { password: new TerraformVariable(stack, name, {}).stringValue } })),
      ).fields(SPEC).source.seed;
    expect(of('a')).toEqual(of('a'));
    expect(of('a').files['user-data']).not.toBe(of('b').files['user-data']);
    expect(of('a').variables).toBe(1);
  });

  it('gives values that are known only at apply to the script alone', () => {
    const build = vmWith((stack) => {
      const password = new TerraformVariable(stack, 'password', { sensitive: true });
      const count = new TerraformVariable(stack, 'count', { type: 'number' });
      return cloudInit({
        hostname: Fn.join('-', ['web', Token.asString(count.value)]),
        userData: { chpasswd: { list: `root:${password.stringValue}` }, again: password.value },
        vendorData: `#!/bin/sh\necho ${password.stringValue}\n`,
      });
    });
    const { at, text, fields } = synth(build);
    const given = '{ seedValues = [join("-", ["web", var.count]), var.password, var.password, var.password] })';
    for (const address of [SPEC, `${SPEC}_confirmed`]) {
      expect(at(address).provisioner[0]['local-exec'].environment.CDKTF_LIBVIRT_CEPH_SPEC).toContain(given);
    }
    // In the environment of two provisioners and nowhere else.
    expect(text.split('var.password')).toHaveLength(1 + 2 * 3);
    expect(JSON.stringify(fields(SPEC))).not.toContain('var.');
    const files = seedFiles(build, ['web-1', 'a"\n', 'a"\n', 'a"\n']);
    expect(files['user-data']).toBe('#cloud-config\nchpasswd:\n  list: "root:a\\"\\n"\nagain: "a\\"\\n"\n');
    expect(files['vendor-data']).toBe('#!/bin/sh\necho a"\n\n');
    expect(files['meta-data']).toContain('local-hostname: "web-1"');
  });

  it.each<[string, CloudInitProps, string]>([
    ['a name with a space', { hostname: 'web 1' }, 'hostname-form'],
    ['a name that ends in a dot', { hostname: 'web.' }, 'hostname-form'],
    ['a part of 64 letters', { hostname: 'a'.repeat(64) }, 'hostname-form'],
    ['the name of a file as a key', { sshAuthorizedKeys: [KEY, '~/.ssh/id_ed25519.pub'] }, 'ssh-key-form'],
    ['two keys in one text', { sshAuthorizedKeys: [`${KEY}\n${KEY}`] }, 'ssh-key-form'],
    ['a private key', { sshAuthorizedKeys: ['-----BEGIN OPENSSH PRIVATE KEY-----'] }, 'ssh-key-form'],
    ['user data that cloud-init would ignore', { userData: 'packages: [nginx]\n' }, 'user-data-header'],
    ['vendor data that cloud-init would ignore', { vendorData: '\ufeff#cloud-config\n' }, 'vendor-data-header'],
    ['a function', { userData: { runcmd: [() => 1] } }, 'user-data-value'],
    ['a date', { metaData: { at: new Date(0) } }, 'meta-data-value'],
    ['NaN', { userData: { mtu: Number.NaN } }, 'user-data-value'],
    ['half of a surrogate pair', { userData: '#!\ud800' }, 'user-data-value'],
    ["YAML's merge key", { userData: { '<<': {} } }, 'user-data-value'],
    [
      'a list that only the apply knows',
      { sshAuthorizedKeys: Token.asList(Fn.split(',', 'a')) },
      'ssh-authorized-keys-value',
    ],
    [
      'a number that only the apply knows',
      { userData: { mtu: Token.asNumber({ resolve: () => 1 }) } },
      'user-data-value',
    ],
    ['a network config of version 3', { networkConfig: { version: 3 } }, 'network-config-version'],
  ])('fails for %s', (_, props, code) => {
    expect(codes(vmWith(cloudInit(props)))).toEqual([code]);
  });

  it.each<[string, CloudInitProps]>([
    ['a name of 63 letters', { hostname: 'a'.repeat(63) }],
    ['a key with options', { sshAuthorizedKeys: [`no-pty,command="ls -l" ${KEY}`] }],
    ['user data in MIME', { userData: 'Content-Type: multipart/mixed; boundary="x"\n\n--x--\n' }],
    ['user data that is a template', { userData: '## template: jinja\n#cloud-config\n' }],
  ])('takes %s', (_, props) => {
    expect(codesOf(vmWith(cloudInit(props)))).toEqual([]);
  });

  it('skips its rules for variables', () => {
    const build = vmWith((stack) => {
      const text = new TerraformVariable(stack, 'text', {}).stringValue;
      return cloudInit({ hostname: text, sshAuthorizedKeys: [text], userData: text, networkConfig: text });
    });
    expect(codesOf(build)).toEqual([]);
  });

  it('fails with every fault at once, and prints none of its text', () => {
    const error = refusal(vmWith(cloudInit({ hostname: '-', userData: 'sekret', metaData: { a: () => 'sekret' } })));
    expect(error.violations.map(({ code }) => code)).toEqual(['hostname-form', 'meta-data-value', 'user-data-header']);
    expect(error.message).not.toContain('sekret');
  });

  it('fails for another image with the name of its seed', () => {
    const build = (stack: TerraformStack): void => {
      const scene = new Scene(stack);
      scene.vm('web1', cloudInit({}));
      scene.image('web1-seed');
    };
    expect(codes(build)).toEqual(['claimed-twice']);
  });
});

describe('The folder of seeds beside a stack', () => {
  it('contains only those of the last synth', () => {
    const outdir = mkdtempSync(join(tmpdir(), 'clc-seed-'));
    const synthWith = (userData: string): string[] => {
      const app = Testing.stubVersion(new App({ outdir, context: { libvirtCephOwner: 'tests' } }));
      vmWith(cloudInit({ userData }))(stackOf('stack', app));
      app.synth();
      return readdirSync(join(outdir, 'stacks/stack/assets/cdktf-libvirt-ceph-seeds'));
    };
    try {
      const [first, second] = [synthWith('#!a'), synthWith('#!b')];
      expect([first.length, second.length]).toEqual([1, 1]);
      expect(first).not.toEqual(second);
    } finally {
      rmSync(outdir, { recursive: true });
    }
  });
});
