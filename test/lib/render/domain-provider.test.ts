import { App, TerraformOutput, TerraformStack, TerraformVariable, Testing } from 'cdktf';
import { providerDomain } from '../../../lib/render/domain/provider-arguments';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { findAll, type XmlElement } from '../../../lib/render/xml';
import type { DomainSpec } from '../../../lib/model';
import { Size } from '../../../lib/size';
import { DOMAIN, VARIANTS } from '../../helpers/domain-spec';

const provider = (more: Partial<DomainSpec> = {}): any => providerDomain({ ...DOMAIN, ...more }, '{"mark":"<&>"}');
const xml = (more: Partial<DomainSpec> = {}): XmlElement => domainXml({ ...DOMAIN, ...more }, '');

test('the mark is one element of our namespace in the metadata', () => {
  expect(provider().metadata.xml).toBe(
    '<mark:mark xmlns:mark="urn:cdktf-libvirt-ceph:mark">{"mark":"&lt;&amp;&gt;"}</mark:mark>',
  );
});

test('a Terraform expression in the mark stays whole', () => {
  const token = '${terraform_data.kvm1_domains["web1"].id}';
  expect(providerDomain(DOMAIN, `{"token":"${token}"}`).metadata).toEqual({ xml: expect.stringContaining(token) });
});

test('memory is in KiB, the unit in which libvirt answers', () => {
  expect(provider({ maxMemory: '8 GiB' })).toMatchObject({
    memory: 8388608,
    memoryUnit: 'KiB',
    currentMemory: 4194304,
    currentMemoryUnit: 'KiB',
  });
});

test('an amount known only at apply becomes an expression', () => {
  const stack = new TerraformStack(new App(), 'stack');
  const size = Size.gibibytes(new TerraformVariable(stack, 'memory', { type: 'number' }).numberValue);
  const { memory, currentMemory } = provider({ memory: size.toString(), maxMemory: '8 GiB' });
  expect(memory).toBe(8388608);
  new TerraformOutput(stack, 'memory-kib', { value: currentMemory });
  const { output } = JSON.parse(Testing.synth(stack));
  expect(output['memory-kib'].value).toBe('${(var.memory * 1048576)}');
});

test('the guest gets its time to shut down', () => {
  expect(provider().destroy).toEqual({ shutdown: { timeout: 120 } });
});

test('the provider starts nothing by itself, neither now nor with the host', () => {
  expect(Object.keys(provider({ running: true, autostart: true }))).not.toEqual(
    expect.arrayContaining([expect.stringMatching(/running|autostart/)]),
  );
});

test('a disk has the image, its monitors, the cephx ID, the usage of the secret and the alias that identifies it', () => {
  expect(provider().devices.disks).toEqual([
    expect.objectContaining({
      source: {
        network: {
          protocol: 'rbd',
          name: 'pool/web1-root',
          hosts: [
            { name: '10.0.0.11', port: undefined },
            { name: 'mon2', port: '6789' },
            { name: '2001:db8::13', port: '3300' },
          ],
        },
      },
      auth: { username: 'libvirt', secret: { type: 'ceph', usage: 'client.libvirt secret' } },
      target: { dev: 'vda', bus: 'virtio' },
      boot: { order: 1 },
      alias: { name: 'ua-cdktf-vda' },
    }),
  ]);
});

test.each(VARIANTS.map((variant, index) => [index, variant] as const))(
  'variant %i has the same devices as its XML',
  (_, variant) => {
    const { devices } = provider(variant);
    const count = (list: unknown[] | undefined): number => list?.length ?? 0;
    const inXml = (name: string): number => findAll(xml(variant), `devices/${name}`).length;
    const names = ['disk', 'controller', 'interface', 'serial', 'console', 'channel', 'graphics', 'video', 'rng'];
    const lists = [
      'disks',
      'controllers',
      'interfaces',
      'serials',
      'consoles',
      'channels',
      'graphics',
      'videos',
      'rngs',
    ];
    expect(lists.map((list) => count(devices[list]))).toEqual(names.map(inXml));
  },
);
