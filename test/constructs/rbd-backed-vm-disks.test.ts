import type { TerraformStack } from 'cdktf';
import { CephPool, DiskBus, ImageSource, RbdImage, Size, type VmDiskProps } from '../../constructs';
import { clusterOf, Scene } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';
import { made, withDisks, withProps, withRoot } from '../helpers/vm-stacks';

describe('A disk', () => {
  it('must name its target when it creates its image', () => {
    expect(codes(made({ dataDisks: [{ size: Size.gibibytes(1) }] }))).toEqual(['disk-target-missing']);
  });

  it('takes the next free target when it is given an image', () => {
    const { fields } = synth(withDisks({}, { target: 'vdd' }, {}));
    expect(Object.keys(fields('terraform_data.web1_spec').disks)).toEqual(['vda', 'vdb', 'vdc', 'vdd']);
  });

  it('fails without image, source and size, and with both an image and a size', () => {
    expect(codes(withProps({ rootDisk: {} }))).toEqual(['root-disk-image']);
    expect(codes(withRoot({ size: Size.gibibytes(1) }))).toEqual(['disk-image-or-source']);
  });

  it('fails for a target that is taken, also by the root disk and through addDisk', () => {
    expect(refusal(withDisks({ target: 'vdb' }, { target: 'vdb' })).message).toContain(
      "'target' must be unique, got 'vdb' twice",
    );
    expect(codes(withDisks({ target: 'vda' }))).toEqual(['disk-target-twice']);
    expect(
      codes((stack) => {
        const scene = new Scene(stack);
        scene.vm('web1').addDisk({ image: scene.image('x'), target: 'vda' });
      }),
    ).toEqual(['disk-target-twice']);
  });

  it('fails for a target to which libvirt would give the same address', () => {
    expect(codes(withDisks({ target: 'vdb' }, { target: 'sdb' }))).toEqual(['disk-address-twice']);
    expect(codesOf(withDisks({ target: 'vdb' }, { target: 'sdb', bus: DiskBus.SCSI }))).toEqual([]);
  });

  it.each(['vd', 'vd1', 'xda', 'vdabc', "vdb'", 'vdb\n', ''])('fails for the target %j', (target) => {
    expect(codes(withRoot({ target }))).toEqual(['disk-target-form']);
  });

  it.each(['', 'a'.repeat(21), 'a b', "a'"])('fails for the serial %j', (serial) => {
    expect(codes(withRoot({ serial }))).toEqual(['disk-serial-form']);
    expect(codesOf(withRoot({ serial: 'a'.repeat(20) }))).toEqual([]);
  });

  it('takes each bootIndex from 1 to 10000 once, and fails otherwise', () => {
    expect(codesOf(withRoot({ bootIndex: 1 }))).toEqual([]);
    expect(codesOf(withRoot({ bootIndex: 10_000 }))).toEqual([]);
    expect(codes(withRoot({ bootIndex: 0 }))).toEqual(['boot-index-range']);
    expect(codes(withRoot({ bootIndex: 10_001 }))).toEqual(['boot-index-range']);
    expect(codes(withDisks({ bootIndex: 2 }, { bootIndex: 2 }))).toEqual(['boot-index-twice']);
  });

  it('fails for a bus that the machine lacks, also through addDisk', () => {
    expect(refusal(withRoot({ bus: DiskBus.IDE })).message).toContain(
      "'bus' must not be IDE with the machine 'q35', which has none; use SATA, or the machineType 'pc'",
    );
    expect(codesOf(withRoot({ bus: DiskBus.IDE }, { machineType: 'pc' }))).toEqual([]);
    expect(codesOf(withRoot({ bus: DiskBus.IDE }, { machineType: 'pc-i440fx-7.2' }))).toEqual([]);
    expect(codes(withDisks({ bus: DiskBus.IDE }))).toEqual(['disk-bus-machine']);
    expect(
      codes((stack) => {
        const scene = new Scene(stack);
        scene.vm('web1').addDisk({ image: scene.image('x'), target: 'hdb', bus: DiskBus.IDE });
      }),
    ).toEqual(['disk-bus-machine']);
  });

  it('fails on XEN, and says why', () => {
    expect(refusal(withRoot({ bus: DiskBus.XEN })).message).toContain('which only Xen hosts have');
  });

  it.each([DiskBus.VIRTIO, DiskBus.SCSI, DiskBus.SATA, DiskBus.USB])('takes the bus %s', (bus) => {
    expect(synth(withRoot({ bus })).fields('terraform_data.web1_spec').disks.vda.bus).toBe(bus);
  });

  it('is read-only and on SATA as a cdrom, and fails as a cdrom that is writable or on VIRTIO', () => {
    const { fields } = synth(withDisks({ cdrom: true, target: 'sda' }));
    expect(fields('terraform_data.web1_spec').disks.sda).toEqual({
      image: 'vms/data0',
      bus: 'sata',
      cdrom: true,
      readOnly: true,
      discard: false,
    });
    expect(codes(withDisks({ cdrom: true, readOnly: false }))).toEqual(['cdrom-writable']);
    expect(codes(withDisks({ cdrom: true, bus: DiskBus.VIRTIO }))).toEqual(['cdrom-bus']);
  });

  it('fails with an I/O thread on a bus that does not support one', () => {
    expect(codes(withRoot({ ioThread: true, bus: DiskBus.SATA }))).toEqual(['io-thread-bus']);
    expect(codes(withRoot({ ioThread: true, bus: DiskBus.USB }))).toEqual(['io-thread-bus']);
    expect(codesOf(withRoot({ ioThread: true, bus: DiskBus.SCSI }))).toEqual([]);
  });

  it('fails when it is read-only on a bus that does not support that', () => {
    expect(codes(withRoot({ readOnly: true, bus: DiskBus.SATA }))).toEqual(['read-only-bus']);
  });

  it('fails for a name of digits only, which virsh would take for an id', () => {
    expect(codes(withProps({ vmName: '42' }))).toEqual(['vm-name-digits']);
  });

  it('fails when its image and its client belong to different clusters', () => {
    expect(
      codes((stack) => {
        const pool = new CephPool(stack, 'p', { cluster: clusterOf(stack, { monitors: ['x'] }, 'other') });
        new Scene(stack).vm('web1', {
          rootDisk: { image: new RbdImage(stack, 'i', { pool, size: Size.gibibytes(1) }) },
        });
      }),
    ).toEqual(['disk-cluster']);
  });
});

describe('One image', () => {
  const onTwo = (first: Partial<VmDiskProps>, second: Partial<VmDiskProps>) => (stack: TerraformStack) => {
    const scene = new Scene(stack);
    const image = scene.image('shared');
    scene.vm('a', { dataDisks: [{ image, ...first }] });
    scene.vm('b', { dataDisks: [{ image, ...second }] });
  };

  it('fails when it is writable on two VMs, and both are named', () => {
    const { code, message } = refusal(onTwo({}, {}));
    expect(code).toBe('claimed-twice');
    expect(message).toContain(
      "stack/b: the writable disk on 'vms/shared' of 10.0.0.11,10.0.0.12:6789 already belongs to 'stack/a'",
    );
  });

  it('fails when it is writable twice on one VM', () => {
    expect(
      codes((stack) => {
        const scene = new Scene(stack);
        const image = scene.image('shared');
        scene.vm('a', { dataDisks: [{ image }, { image }] });
      }),
    ).toEqual(['claimed-twice']);
  });

  it('stays the same image through another construct, another cluster construct and fromImageName', () => {
    expect(
      codes((stack) => {
        const scene = new Scene(stack);
        scene.vm('a', { dataDisks: [{ image: scene.image('shared') }] });
        const pool = CephPool.fromPoolName(stack, 'p', { cluster: clusterOf(stack, {}, 'again'), poolName: 'vms' });
        const again = RbdImage.fromImageName(stack, 'again-image', { pool, imageName: 'shared' });
        scene.vm('b', { dataDisks: [{ image: again }] });
      }),
    ).toEqual(['claimed-twice']);
  });

  it('may be read-only on many VMs, with read-only grants', () => {
    expect(codesOf(onTwo({ readOnly: true }, { cdrom: true }))).toEqual([]);
    const { fields } = synth((stack) => {
      const scene = new Scene(stack);
      const pool = new CephPool(stack, 'isos', { cluster: scene.cluster });
      const image = new RbdImage(stack, 'iso', { pool, source: ImageSource.file('x.iso') });
      scene.vm('a', { dataDisks: [{ image, cdrom: true }] });
    });
    expect(fields('terraform_data.libvirt_spec').caps.osd).toBe(
      'profile rbd-read-only pool=isos, profile rbd pool=vms',
    );
  });
});
