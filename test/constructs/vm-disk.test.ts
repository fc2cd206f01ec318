import { TerraformVariable, type TerraformStack } from 'cdktf';
import { DiskBus, Duration, LibvirtDriver, Size, type VmDiskProps, type VmDiskQos } from '../../constructs';
import { DRIVERS, Scene } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const withDisks =
  (disks: readonly Partial<VmDiskProps>[], driver?: LibvirtDriver) =>
  (stack: TerraformStack): void => {
    const scene = new Scene(stack, driver);
    scene.vm('web1', { dataDisks: disks.map((disk, index) => ({ image: scene.image(`data${index}`), ...disk })) });
  };
const limited = (qos: VmDiskQos) => withDisks([{ target: 'vdb', qos }]);
const scsi = { bus: DiskBus.SCSI } as const;
const EVERY_LIMIT: VmDiskQos = {
  totalBytesPerSecond: Size.mebibytes(10),
  burstBytesPerSecond: Size.mebibytes(20),
  burstDuration: Duration.minutes(1),
  readIops: 100,
  writeIops: 50,
};

describe.each(DRIVERS)('The limits, threads and names of a disk with %s', (driver) => {
  it('reach the fields of the VM, with units on all amounts', () => {
    const parts = { readBytesPerSecond: Size.mebibytes(1), writeBytesPerSecond: Size.mebibytes(2) };
    const iops = { totalIops: 100, burstIops: 200 };
    const { fields } = synth(
      withDisks(
        [
          { target: 'vdb', qos: EVERY_LIMIT },
          { target: 'vdc', qos: { ...parts, ...iops } },
          { ...scsi, target: 'sda', wwn: '5000C500a1b2c3d4' },
        ],
        driver,
      ),
    );
    const { vdb, vdc, sda } = fields('terraform_data.web1_spec').disks;
    expect(vdb.qos).toEqual({
      totalBytesPerSecond: '10 MiB',
      burstBytesPerSecond: '20 MiB',
      burstDuration: '1 minutes',
      readIops: 100,
      writeIops: 50,
    });
    expect(vdc.qos).toEqual({ readBytesPerSecond: '1 MiB', writeBytesPerSecond: '2 MiB', ...iops });
    expect(sda).toMatchObject({ bus: 'scsi', wwn: '5000C500a1b2c3d4' });
  });

  it('may be variables', () => {
    const { fields, at } = synth((stack) => {
      const count = new TerraformVariable(stack, 'count', { type: 'number' }).numberValue;
      const text = new TerraformVariable(stack, 'text', { type: 'string' }).stringValue;
      const qos = { totalBytesPerSecond: Size.mebibytes(count), totalIops: count, burstIops: count };
      const disk = { qos: { ...qos, burstDuration: Duration.seconds(count) }, queues: count, target: 'vdb' };
      withDisks([disk, { ...scsi, target: 'sda', wwn: text }], driver)(stack);
    });
    expect(fields('terraform_data.web1_spec').disks.vdb).toMatchObject({
      queues: '${var.count}',
      qos: {
        totalBytesPerSecond: '${var.count} MiB',
        totalIops: '${var.count}',
        burstDuration: '${var.count} seconds',
      },
    });
    if (driver === LibvirtDriver.VIRSH) return;
    const { disks } = at('libvirt_domain.kvm1-web1').devices;
    const vdb = disks.find((disk: any) => disk.target.dev === 'vdb');
    expect(vdb.io_tune).toMatchObject({ total_bytes_sec: '${(var.count * 1048576)}', total_iops_sec: '${var.count}' });
  });
});

describe('The limits of a disk', () => {
  it.each<[string, VmDiskQos, string]>([
    ['of no byte', { totalBytesPerSecond: Size.bytes(0) }, 'total-bytes-per-second-range'],
    ['of half an operation', { readIops: 0.5 }, 'read-iops-range'],
    ['of reads and writes together and of reads', { totalIops: 9, readIops: 9 }, 'qos-total-or-parts'],
    [
      'of bytes together and of written ones',
      { totalBytesPerSecond: Size.bytes(9), writeBytesPerSecond: Size.bytes(9) },
      'qos-total-or-parts',
    ],
    ['with a burst of nothing', { burstIops: 9 }, 'qos-burst'],
    ['with a burst below the limit', { totalIops: 9, burstIops: 8 }, 'qos-burst'],
    [
      'with a burst of fewer bytes than the limit',
      { totalBytesPerSecond: Size.mebibytes(1), burstBytesPerSecond: Size.kibibytes(1023) },
      'qos-burst',
    ],
    ['with a duration and no burst', { totalIops: 9, burstDuration: Duration.seconds(1) }, 'burst-duration'],
    ['with a burst of no time', { totalIops: 9, burstIops: 9, burstDuration: Duration.seconds(0) }, 'burst-duration'],
  ])('fail %s', (_, qos, code) => {
    expect(codes(limited(qos))).toEqual([code]);
  });

  it('allow bursts at or above the limit, or none', () => {
    expect(codesOf(limited(EVERY_LIMIT))).toEqual([]);
    expect(codesOf(limited({ totalIops: 9, burstIops: 9 }))).toEqual([]);
    expect(codesOf(limited({}))).toEqual([]);
  });
});

describe('A SCSI disk with an I/O thread', () => {
  it('gets a controller to itself: a disk without a target takes the next target on a free controller', () => {
    const thread = { ...scsi, ioThread: true };
    const { fields } = synth(withDisks([thread, thread, scsi]));
    const disks = fields('terraform_data.web1_spec').disks;
    expect(Object.keys(disks)).toEqual(['vda', 'vdb', 'vdh', 'vdo']);
    expect(disks.vdo.ioThread).toBeUndefined();
  });

  it.each([
    [{ target: 'sda', ioThread: true }, { target: 'sdg' }],
    [{ target: 'sdh' }, { target: 'sdn', ioThread: true }],
  ])('fails next to another disk on its controller: %j, %j', (first, second) => {
    const error = refusal(
      withDisks([
        { ...scsi, ...first },
        { ...scsi, ...second },
      ]),
    );
    expect(error.code).toBe('scsi-controller-shared');
    expect(error.message).toContain('use the targets sda, sdh, sdo');
  });

  it('may sit next to a disk on another controller', () => {
    expect(
      codesOf(
        withDisks([
          { ...scsi, target: 'sda', ioThread: true },
          { ...scsi, target: 'sdh', ioThread: true },
        ]),
      ),
    ).toEqual([]);
  });
});

describe('The queues and the name of a disk', () => {
  it.each<[Partial<VmDiskProps>, string]>([
    [{ queues: 0 }, 'queues-range'],
    [{ queues: 257 }, 'queues-range'],
    [{ queues: 2, bus: DiskBus.SCSI }, 'queues-bus'],
    [{ queues: 2, bus: DiskBus.SATA }, 'queues-bus'],
    [{ wwn: '5000c500a1b2c3d4' }, 'disk-wwn'],
    [{ wwn: '5000c500a1b2c3d', bus: DiskBus.SCSI }, 'disk-wwn'],
  ])('fail as %j', (disk, code) => {
    expect(codes(withDisks([disk]))).toEqual([code]);
  });

  it('accept whatever libvirt accepts', () => {
    expect(codesOf(withDisks([{ queues: 1 }, { queues: 256, bus: DiskBus.SCSI, ioThread: true }]))).toEqual([]);
  });
});
