import type { TerraformStack } from 'cdktf';
import {
  CephPool,
  DiskBus,
  DiskCache,
  ImageSource,
  LibvirtDriver,
  RbdImage,
  Size,
  type VmDiskProps,
} from '../../constructs';
import { clusterOf, DRIVERS, Scene } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';
import { made, withDisks, withProps, withRoot } from '../helpers/vm-stacks';

describe.each(DRIVERS)('The disks of a VM with %s', (driver) => {
  it('passes every prop of a disk on', () => {
    const flags = {
      readOnly: false,
      serial: 'S-1',
      bootIndex: 2,
      discard: false,
      detectZeroes: true,
      ioThread: true,
      queues: 4,
    };
    const { fields } = synth((stack) => {
      const scene = new Scene(stack, driver);
      const disk = { ...flags, image: scene.image('i'), bus: DiskBus.VIRTIO, target: 'vdb', cache: DiskCache.NONE };
      scene.vm('web1', { dataDisks: [disk] });
    });
    const { readOnly, ...shown } = flags;
    expect(readOnly).toBe(false);
    expect(fields('terraform_data.web1_spec').disks.vdb).toEqual({
      ...shown,
      image: 'vms/i',
      bus: 'virtio',
      cache: 'none',
    });
  });

  it('creates its images: <vm>-root for the root disk on any bus, <vm>-<target> for a data disk', () => {
    const { fields, addresses } = synth((stack) => {
      const dataDisks = [{ target: 'vdb', size: Size.gibibytes(5) }];
      const vm = made(
        { vmName: 'shop', rootDisk: { size: Size.gibibytes(1), bus: DiskBus.SATA }, dataDisks },
        driver,
      )(stack);
      expect(vm.addDisk({ target: 'vdc', size: Size.gibibytes(1) }).spec).toBe('storage/shop-vdc');
      expect(vm.disks.map(({ target, image }) => [target, image.imageName])).toEqual([
        ['vda', 'shop-root'],
        ['vdb', 'shop-vdb'],
        ['vdc', 'shop-vdc'],
      ]);
    });
    expect(addresses).toEqual(
      expect.arrayContaining(['root', 'vdb', 'vdc'].map((one) => `terraform_data.web1-${one}_spec`)),
    );
    expect(fields('terraform_data.web1-root_spec')).toMatchObject({
      name: 'shop-root',
      source: { blank: true },
      size: '1 GiB',
    });
    expect(Object.keys(fields('terraform_data.web1_spec').disks)).toEqual(['vda', 'vdb', 'vdc']);
  });

  it('registers its data disks for detaching, and tells each image which VM uses it', () => {
    const { entries, context } = synth(made({ dataDisks: [{ target: 'vdb', size: Size.gibibytes(5) }] }, driver));
    expect(Object.keys(entries('terraform_data.kvm1_disk_attachments'))).toEqual(['web1/vdb']);
    expect(entries('terraform_data.kvm1_disk_attachments')['web1/vdb']).toMatchObject({
      domain: 'web1',
      target: 'vdb',
      image: 'storage/web1-vdb',
    });
    const host = { uri: 'qemu+ssh://root@kvm1/system' };
    expect(context('terraform_data.web1-vdb_spec').users).toMatchObject([{ host, domain: 'web1', target: 'vdb' }]);
    expect(context('terraform_data.web1-root_spec').users).toMatchObject([{ host, domain: 'web1', target: 'vda' }]);
  });

  it('follows the registry entries of its data disks with VIRSH, so that an old state unplugs none; with PROVIDER this would replace it', () => {
    const { at, fields } = synth(made({ dataDisks: [{ target: 'vdb', size: Size.gibibytes(5) }] }, driver));
    const isFollowed = driver === LibvirtDriver.VIRSH;
    const id = 'terraform_data.kvm1_disk_attachments["web1/vdb"].id';
    const [spec, confirmed] = [at('terraform_data.web1_spec'), at('terraform_data.web1_spec_confirmed')];
    expect(spec.lifecycle).toEqual(isFollowed ? { replace_triggered_by: [id] } : undefined);
    expect(confirmed.triggers_replace.object).toBe(`\${terraform_data.web1_spec.id}${isFollowed ? ` \${${id}}` : ''}`);
    for (const { provisioner } of [spec, confirmed]) {
      const given: string = provisioner[0]['local-exec'].environment.CDKTF_LIBVIRT_CEPH_SPEC;
      expect(given.includes(`{ diskEntryIds = { vdb = ${id} } }`)).toBe(isFollowed);
    }
    // A plan shows the fields, and ids say nothing to a reader.
    expect(JSON.stringify(fields('terraform_data.web1_spec'))).not.toContain('kvm1_disk_attachments');
  });

  it('is not replaced when the size of an image changes', () => {
    const sized = (gib: number): object =>
      synth(made({ rootDisk: { size: Size.gibibytes(gib) } }, driver)).at('terraform_data.web1_spec');
    expect(sized(2)).toEqual(sized(1));
  });
});

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
