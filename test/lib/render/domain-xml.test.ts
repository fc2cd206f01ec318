import { diskXml } from '../../../lib/render/domain/disk-xml';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { attributeAt, find, findAll, parseXml, renderXml, textAt, type XmlElement } from '../../../lib/render/xml';
import type { DiskSpec, DomainSpec } from '../../../lib/model';
import { DOMAIN, VARIANTS } from '../../helpers/domain-spec';

const xml = (more: Partial<DomainSpec> = {}): XmlElement => domainXml({ ...DOMAIN, ...more }, '{"mark":"<&>"}');
const boots = (disks: DomainSpec['disks']): string[] =>
  findAll(xml({ disks }), 'devices/disk').flatMap((disk) => {
    const order = attributeAt(disk, 'boot', 'order');
    return order === undefined ? [] : [`${attributeAt(disk, 'target', 'dev')}=${order}`];
  });

test('a definition has its name, mark, memory, processors, machine, and explicit actions', () => {
  const text = renderXml(xml());
  expect(text.slice(0, text.indexOf('  <devices>'))).toBe(`<domain type="kvm">
  <name>web1</name>
  <uuid>33333333-3333-5333-8333-333333333333</uuid>
  <metadata>
    <mark:mark xmlns:mark="urn:cdktf-libvirt-ceph:mark">{"mark":"&lt;&amp;&gt;"}</mark:mark>
  </metadata>
  <memory unit="KiB">4194304</memory>
  <currentMemory unit="KiB">4194304</currentMemory>
  <vcpu placement="static">2</vcpu>
  <os>
    <type arch="x86_64" machine="q35">hvm</type>
  </os>
  <features>
    <acpi/>
    <apic/>
  </features>
  <cpu mode="host-model"/>
  <clock offset="utc"/>
`);
});

test('a disk is an RBD image over the network, with all monitors, the cephx ID and the usage of the secret', () => {
  const place = { target: 'vda', alias: 'ua-cdktf-vda', boot: 1 };
  expect(renderXml(diskXml(place, { image: 'pool/web1-root', bus: 'virtio', discard: true }, DOMAIN)))
    .toBe(`<disk type="network" device="disk">
  <driver name="qemu" type="raw" cache="writeback" discard="unmap" detect_zeroes="unmap"/>
  <auth username="libvirt">
    <secret type="ceph" usage="client.libvirt secret"/>
  </auth>
  <source protocol="rbd" name="pool/web1-root">
    <host name="10.0.0.11"/>
    <host name="mon2" port="6789"/>
    <host name="2001:db8::13" port="3300"/>
  </source>
  <target dev="vda" bus="virtio"/>
  <boot order="1"/>
  <alias name="ua-cdktf-vda"/>
</disk>
`);
});

test('a plain disk has the defaults of OpenStack and Proxmox: writeback, discard, and zeroes become holes', () => {
  const driver = (disk: Partial<DiskSpec>) => {
    const disks = { vda: { image: 'p/a', bus: 'virtio', discard: true, ...disk } as const };
    return find(xml({ disks }), 'devices/disk/driver')?.attributes;
  };
  const defaults = { name: 'qemu', type: 'raw', cache: 'writeback' };
  expect(driver({})).toEqual({ ...defaults, discard: 'unmap', detect_zeroes: 'unmap' });
  expect(driver({ discard: false })).toEqual({ ...defaults, discard: 'ignore', detect_zeroes: 'on' });
  expect(driver({ readOnly: true, discard: false })).toEqual({ ...defaults, discard: 'ignore' });
  expect(driver({ cache: 'none', detectZeroes: false })).toMatchObject({ cache: 'none', detect_zeroes: 'off' });
});

test("a disk's limits are in libvirt's units: bytes, operations, seconds", () => {
  const qos = { totalBytesPerSecond: '1 MiB', burstBytesPerSecond: '2 MiB', burstDuration: '1 minutes', readIops: 5 };
  const disks = { vda: { image: 'p/a', bus: 'virtio', qos } as const };
  expect(renderXml(find(xml({ disks }), 'devices/disk/iotune') as XmlElement)).toBe(`<iotune>
  <total_bytes_sec>1048576</total_bytes_sec>
  <read_iops_sec>5</read_iops_sec>
  <total_bytes_sec_max>2097152</total_bytes_sec_max>
  <total_bytes_sec_max_length>60</total_bytes_sec_max_length>
</iotune>
`);
});

test('a SCSI disk has its thread and its queues on the controller that libvirt assigns to its target', () => {
  const disk = (image: string, more: object = {}) => ({ image, bus: 'scsi', ...more }) as const;
  const domain = xml({
    disks: { sda: disk('p/a'), sdo: disk('p/b', { ioThread: true, queues: 4, wwn: '5000c500a1b2c3d4' }) },
  });
  const controllers = findAll(domain, 'devices/controller').filter(({ attributes }) => attributes['type'] === 'scsi');
  expect(controllers.map((one) => [one.attributes['index'], find(one, 'driver')?.attributes])).toEqual([
    ['0', undefined],
    ['1', undefined],
    ['2', { queues: '4', iothread: '15' }],
  ]);
  expect(textAt(domain, 'iothreads')).toBe('1');
  expect(findAll(domain, 'devices/disk').map((one) => attributeAt(one, 'driver', 'iothread'))).toEqual([
    undefined,
    undefined,
  ]);
  expect(findAll(domain, 'devices/disk').map((one) => textAt(one, 'wwn'))).toEqual([undefined, '5000c500a1b2c3d4']);
});

test('without a boot index the VM boots from the first virtio disk, and never from a cdrom while it has a disk', () => {
  const [vd, sd] = [{ image: 'p/a', bus: 'virtio' } as const, { image: 'p/b', bus: 'sata' } as const];
  expect(boots({ sda: sd, vdb: vd, vda: { ...vd, image: 'p/c' } })).toEqual(['vda=1']);
  expect(boots({ sda: { ...sd, cdrom: true }, sdb: { ...sd, image: 'p/c' } })).toEqual(['sdb=1']);
  expect(boots({ sda: { ...sd, cdrom: true } })).toEqual(['sda=1']);
});

test('with a boot index on any device no other is added', () => {
  const vda = { image: 'p/a', bus: 'virtio' } as const;
  expect(boots({ vda, vdb: { ...vda, image: 'p/b', bootIndex: 3 } })).toEqual(['vdb=3']);
});

test('an I/O thread keeps its number when another disk is removed', () => {
  const disk = (image: string) => ({ image, bus: 'virtio', ioThread: true }) as const;
  const both = xml({ disks: { vda: disk('p/a'), vdaa: disk('p/b') } });
  const ids = (domain: XmlElement) => findAll(domain, 'iothreadids/iothread').map(({ attributes }) => attributes['id']);
  expect(ids(both)).toEqual(['1', '27']);
  expect(ids(xml({ disks: { vdaa: disk('p/b') } }))).toEqual(['27']);
  expect(textAt(both, 'iothreads')).toBe('2');
});

test('q35 has spare ports, by the index of the last one, for disks plugged in while it runs, and the older machine needs none', () => {
  const controllers = (machineType?: string) =>
    findAll(xml({ machineType }), 'devices/controller').map(({ attributes }) => attributes);
  expect(controllers()).toEqual([{ type: 'pci', index: '16', model: 'pcie-root-port' }]);
  expect(controllers('pc-q35-7.2')).toEqual(controllers());
  expect(controllers('pc')).toEqual([]);
});

test('a VM may be given more memory and processors later than it starts with', () => {
  const domain = xml({ maxVcpus: 8, maxMemory: '8 GiB' });
  expect(find(domain, 'vcpu')).toMatchObject({ attributes: { current: '2' }, children: ['8'] });
  expect([textAt(domain, 'memory'), textAt(domain, 'currentMemory')]).toEqual(['8388608', '4194304']);
});

test('an interface has its source, its MAC address in lower case and the alias that identifies it', () => {
  const nic = { macAddress: '52:54:00:AA:BB:01', model: 'virtio', bridge: 'br0', vlan: 42, linkUp: false };
  const found = find(xml({ networkInterfaces: [nic] }), 'devices/interface') as XmlElement;
  expect(renderXml(found)).toBe(`<interface type="bridge">
  <mac address="52:54:00:aa:bb:01"/>
  <source bridge="br0"/>
  <vlan>
    <tag id="42"/>
  </vlan>
  <model type="virtio"/>
  <link state="down"/>
  <alias name="ua-cdktf-525400aabb01"/>
</interface>
`);
});

test('the serial console and its port write to the same log', () => {
  const domain = xml({ serialLogFile: '/var/log/guests/web1.log' });
  for (const name of ['serial', 'console']) {
    expect(find(domain, `devices/${name}/log`)?.attributes).toEqual({ file: '/var/log/guests/web1.log', append: 'on' });
  }
});

test('QEMU without KVM gets no host processor model, and an explicit model is passed unchanged', () => {
  expect(find(xml({ domainType: 'qemu' }), 'cpu')).toBeUndefined();
  expect(find(xml({ cpuModel: 'Nehalem' }), 'cpu')?.attributes).toEqual({ mode: 'custom', match: 'exact' });
});

test('every value of a spec comes back from the text unchanged', () => {
  for (const variant of VARIANTS) expect(parseXml(renderXml(xml(variant)))).toEqual(xml(variant));
});

test('one queue of a card is what it has without a word: libvirt drops it, and would differ ever after', () => {
  const nic = { network: 'default', macAddress: '52:54:00:aa:bb:01', model: 'virtio' };
  const queues = (count: number) =>
    attributeAt(xml({ networkInterfaces: [{ ...nic, queues: count }] }), 'devices/interface/driver', 'queues');
  expect([queues(1), queues(2)]).toEqual([undefined, '2']);
});
