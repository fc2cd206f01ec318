import type { TerraformStack } from 'cdktf';
import {
  DiskBus,
  RbdDiskAttachment,
  Size,
  ImageSource,
  type RbdDiskAttachmentProps,
  type VmDiskProps,
} from '../../constructs';
import { DRIVERS, Scene } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const attached =
  (disk: Partial<VmDiskProps> = {}, props: Partial<RbdDiskAttachmentProps> = {}) =>
  (stack: TerraformStack): void => {
    const scene = new Scene(stack);
    const image = scene.image('scratch');
    new RbdDiskAttachment(stack, 'extra', {
      secret: scene.secret,
      vmName: 'legacy',
      disk: { image, target: 'vdb', ...disk },
      ...props,
    });
  };

describe.each(DRIVERS)('RbdDiskAttachment with %s', (driver) => {
  it('is an object of the host like a data disk of a VM, with either driver', () => {
    const { fields, entries, at, context } = synth((stack) => {
      const scene = new Scene(stack, driver);
      new RbdDiskAttachment(stack, 'extra', {
        secret: scene.secret,
        vmName: 'legacy',
        disk: { image: scene.image('scratch'), target: 'sdb', bus: DiskBus.SCSI, serial: 'S1' },
      });
    });
    expect(fields('terraform_data.extra_spec')).toEqual({
      domain: 'legacy',
      target: 'sdb',
      disk: { image: 'vms/scratch', bus: 'scsi', serial: 'S1', discard: true },
      monitors: ['10.0.0.11', '10.0.0.12:6789'],
      clientId: 'libvirt',
      secretUsage: 'client.libvirt secret',
    });
    expect(entries('terraform_data.kvm1_disk_attachments')['legacy/sdb']).toMatchObject({
      domain: 'legacy',
      target: 'sdb',
      image: 'vms/scratch',
    });
    expect(at('terraform_data.extra_spec').depends_on).toEqual([
      'terraform_data.kvm1_disk_attachments',
      'terraform_data.libvirt_spec_confirmed',
      'terraform_data.secret_spec_confirmed',
      'terraform_data.scratch_spec_confirmed',
    ]);
    expect(fields('terraform_data.libvirt_spec').caps.osd).toBe('profile rbd pool=vms');
    expect(context('terraform_data.scratch_spec').users).toMatchObject([{ domain: 'legacy', target: 'sdb' }]);
  });
});

describe('RbdDiskAttachment', () => {
  it('fails without an image or a target', () => {
    expect(codes(attached({ target: undefined }))).toEqual(['attachment-image']);
    expect(codes(attached({ image: undefined, source: ImageSource.blank(), size: Size.gibibytes(1) }))).toEqual([
      'attachment-image',
    ]);
  });

  it.each(["a'b", '$(id)', 'a\nb', ''])('fails for the vmName %j', (vmName) => {
    expect(codes(attached({}, { vmName }))).toEqual(['vm-name-form']);
  });

  it('fails for a vmName of digits only', () => {
    expect(codes(attached({}, { vmName: '123' }))).toEqual(['vm-name-digits']);
  });

  it('fails on XEN and with an I/O thread, but takes IDE, because the machine type is not known', () => {
    expect(codes(attached({ bus: DiskBus.XEN, queues: 0 }))).toEqual(['queues-range', 'queues-bus', 'disk-bus-xen']);
    expect(codes(attached({ ioThread: true }))).toEqual(['attachment-io-thread']);
    expect(codesOf(attached({ bus: DiskBus.IDE, target: 'hdb' }))).toEqual([]);
  });

  it('fails for a second writable disk on the same image, and for a second disk on the same target', () => {
    const two = (target: string, sameImage: boolean) => (stack: TerraformStack) => {
      const scene = new Scene(stack);
      const image = scene.image('one');
      const other = sameImage ? image : scene.image('two');
      const { secret } = scene;
      new RbdDiskAttachment(stack, 'a', { secret, vmName: 'legacy', disk: { image, target: 'vdb' } });
      new RbdDiskAttachment(stack, 'b', { secret, vmName: 'legacy', disk: { image: other, target } });
    };
    expect(refusal(two('vdc', true)).message).toContain("the writable disk on 'vms/one'");
    expect(refusal(two('vdb', false)).message).toContain("the disk 'vdb' of the VM 'legacy'");
  });

  it('fails for a VM of this stack, and suggests addDisk', () => {
    const { code, message } = refusal((stack) => {
      const scene = new Scene(stack);
      scene.vm('web1');
      new RbdDiskAttachment(stack, 'x', {
        secret: scene.secret,
        vmName: 'web1',
        disk: { image: scene.image('i'), target: 'vdb' },
      });
    });
    expect(code).toBe('attachment-own-vm');
    expect(message).toContain(
      "'vmName' must name a VM that this stack did not create, got 'web1', which is 'stack/web1'; use its addDisk",
    );
  });
});
