// A cloud image becomes a machine that one can log in to: cloud-init gives it its name, your key, its address and a
// file system on its data disk. What differs between sites comes from the environment; README.md says what to set.
import { App, TerraformStack } from 'cdktf';
import {
  CephCluster,
  CephRbdStoragePool,
  DomainType,
  type Firmware,
  ImageSource,
  LibvirtDriver,
  LibvirtHost,
  NetworkSource,
  RbdBackedVm,
  RbdImage,
  Size,
} from 'cdktf-libvirt-ceph';
import type { Construct } from 'constructs';

const {
  CEPH_MONITORS = '127.0.0.1',
  CEPH_CONF,
  LIBVIRT_URI = 'qemu:///system',
  LIBVIRT_DRIVER = LibvirtDriver.PROVIDER,
  LIBVIRT_DOMAIN_TYPE = DomainType.KVM,
  LIBVIRT_NETWORK = 'default',
  GUEST_IMAGE = 'debian-12-genericcloud-amd64.qcow2',
  GUEST_FIRMWARE,
  GUEST_TPM,
  GUEST_ADDRESS,
  SSH_PUBLIC_KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB3v0Wq1 replace-me',
} = process.env;

/** The disk's serial is part of its name in the guest, whatever order the guest finds its disks in. */
const DATA = '/dev/disk/by-id/virtio-data';

export class CloudImage extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    const ceph = new CephCluster(this, 'ceph', { monitors: CEPH_MONITORS.split(','), confFile: CEPH_CONF });
    const host = new LibvirtHost(this, 'kvm1', {
      uri: LIBVIRT_URI,
      driver: LIBVIRT_DRIVER as LibvirtDriver,
      domainType: LIBVIRT_DOMAIN_TYPE as DomainType,
    });
    const storage = new CephRbdStoragePool(this, 'storage', { host, cluster: ceph, poolName: 'cloud-pool' });
    const debian = new RbdImage(this, 'debian', { pool: storage.pool, source: imageSource(GUEST_IMAGE) });
    new RbdBackedVm(this, 'cloud1', {
      storage,
      vcpus: 2,
      memory: Size.mebibytes(1024),
      firmware: GUEST_FIRMWARE as Firmware | undefined,
      tpm: GUEST_TPM === 'yes' ? true : undefined,
      rootDisk: { source: ImageSource.clone(debian), size: Size.gibibytes(4) },
      dataDisks: [{ target: 'vdb', size: Size.gibibytes(1), serial: 'data' }],
      networkInterfaces: [{ source: NetworkSource.network(LIBVIRT_NETWORK) }],
      guestAgent: true,
      serialLogFile: '/var/log/libvirt/qemu/cloud1-console.log',
      cloudInit: {
        hostname: 'cloud1',
        sshAuthorizedKeys: [SSH_PUBLIC_KEY],
        userData: {
          fs_setup: [{ device: DATA, filesystem: 'ext4', label: 'data' }],
          mounts: [[DATA, '/srv', 'ext4', 'defaults,nofail']],
        },
        networkConfig: { ethernets: { lan: { match: { name: 'e*' }, ...addressing(GUEST_ADDRESS) } } },
      },
    });
  }
}

/** By its address it is fetched where Terraform runs, and checked by the list of checksums beside it. */
function imageSource(image: string): ImageSource {
  if (!/^https?:/.test(image)) return ImageSource.file(image);
  return ImageSource.url(image, { checksumUrl: new URL('SHA512SUMS', image).href });
}

/** '10.0.0.5/24', or whatever DHCP gives. */
function addressing(address: string | undefined): object {
  return address === undefined ? { dhcp4: true } : { addresses: [address] };
}

const app = new App();
new CloudImage(app, 'cloud-image');
app.synth();
