import type { HostDeviceSpec } from '../lib/model';

/** Options of a mediated device. */
export interface MediatedDeviceOptions {
  /**
   * What the guest sees: 'vfio-pci', or 'vfio-ccw' and 'vfio-ap' on s390x.
   * @default 'vfio-pci'
   */
  readonly model?: string;
}

/**
 * A host device that is passed through to one guest. A VM with a PCI device can neither be migrated live nor saved.
 *
 * @see https://libvirt.org/formatdomain.html#host-device-assignment
 * @example
 * HostDevice.pci('0000:3b:00.0');
 */
export class HostDevice {
  /** A PCI device, by its address as `lspci -D` prints it. The host's driver releases it when the VM starts. */
  public static pci(address: string): HostDevice {
    return new HostDevice({ pci: lower(address) });
  }

  /**
   * A mediated device (for example a virtual GPU), by the UUID that it was created with; it must exist when the VM
   * starts.
   */
  public static mdev(uuid: string, { model = 'vfio-pci' }: MediatedDeviceOptions = {}): HostDevice {
    return new HostDevice({ mdev: lower(uuid), model });
  }

  /**
   * A USB device, by vendor and product as `lsusb` prints them: '0781:5567'. Exactly such a device must be plugged in.
   */
  public static usb(id: string): HostDevice {
    return new HostDevice({ usb: lower(id) });
  }

  private constructor(private readonly spec: HostDeviceSpec) {}

  /** @internal */
  public _spec(): HostDeviceSpec {
    return this.spec;
  }
}

function lower(text: string): string {
  return text.toLowerCase();
}
