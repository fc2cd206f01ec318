// What no prop covers: a VM with PROVIDER and overrides of its resources, and a VM with VIRSH and added XML.
import { App, TerraformStack } from 'cdktf';
import {
  CephCluster,
  CephRbdStoragePool,
  DomainType,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  Size,
  type RbdBackedVmProps,
} from 'cdktf-libvirt-ceph';
import type { Construct } from 'constructs';

const {
  CEPH_MONITORS = '127.0.0.1',
  CEPH_CONF,
  LIBVIRT_URI = 'qemu:///system',
  LIBVIRT_DRIVER = LibvirtDriver.PROVIDER,
  LIBVIRT_DOMAIN_TYPE = DomainType.KVM,
} = process.env;

/** A VM that its host resets when the guest hangs, and that shows it no hypervisor. */
export class EscapeHatches extends TerraformStack {
  constructor(scope: Construct, id: string, driver: LibvirtDriver) {
    super(scope, id);
    const ceph = new CephCluster(this, 'ceph', { monitors: CEPH_MONITORS.split(','), confFile: CEPH_CONF });
    const domainType = LIBVIRT_DOMAIN_TYPE as DomainType;
    const host = new LibvirtHost(this, 'kvm1', { uri: LIBVIRT_URI, driver, domainType });
    const storage = new CephRbdStoragePool(this, 'hatches', { host, cluster: ceph, poolName: 'hatches-pool' });
    const props: RbdBackedVmProps = {
      storage,
      vcpus: 1,
      memory: Size.mebibytes(256),
      rootDisk: { size: Size.gibibytes(1) },
    };
    const vm = new RbdBackedVm(this, 'hatches1', props);
    if (driver === LibvirtDriver.PROVIDER) {
      // By the names that the provider's own documentation has.
      vm.domainResource?.addOverride('devices.watchdogs', [{ model: 'i6300esb', action: 'reset' }]);
      vm.domainResource?.addOverride('features.kvm.hidden.state', 'on');
      // How long libvirt waits for the monitors, in seconds; Ceph's own 300 hold up whoever lists storage pools.
      storage.poolResource?.addOverride('rbd_commandline.options', [{ name: 'client_mount_timeout', value: '30' }]);
    } else {
      vm.addXml('<watchdog model="i6300esb" action="reset"/>');
      vm.addXml('<kvm><hidden state="on"/></kvm>', 'features');
    }
  }
}

const app = new App();
new EscapeHatches(app, 'escape-hatches', LIBVIRT_DRIVER as LibvirtDriver);
app.synth();
