import { Fn } from 'cdktf';
import type { Construct } from 'constructs';
import type * as types from './generated';
import { LibvirtDataSource } from './resource';

/** The addresses of a running domain. */
export class DataLibvirtDomainInterfaceAddresses
  extends LibvirtDataSource<types.DataLibvirtDomainInterfaceAddressesState>
  implements types.DataLibvirtDomainInterfaceAddressesAttributes
{
  static readonly tfResourceType = 'libvirt_domain_interface_addresses';

  constructor(scope: Construct, id: string, config: types.DataLibvirtDomainInterfaceAddressesConfig) {
    super(scope, id, DataLibvirtDomainInterfaceAddresses.tfResourceType, config);
  }

  get domain(): string {
    return this.getStringAttribute('domain');
  }

  get id(): string {
    return this.getStringAttribute('id');
  }
}

/** One device of the host. */
export class DataLibvirtNodeDeviceInfo
  extends LibvirtDataSource<types.DataLibvirtNodeDeviceInfoState>
  implements types.DataLibvirtNodeDeviceInfoAttributes
{
  static readonly tfResourceType = 'libvirt_node_device_info';

  constructor(scope: Construct, id: string, config: types.DataLibvirtNodeDeviceInfoConfig) {
    super(scope, id, DataLibvirtNodeDeviceInfo.tfResourceType, config);
  }

  get id(): string {
    return this.getStringAttribute('id');
  }

  get name(): string {
    return this.getStringAttribute('name');
  }

  get parent(): string {
    return this.getStringAttribute('parent');
  }

  get path(): string {
    return this.getStringAttribute('path');
  }
}

/** The names of the host's devices. */
export class DataLibvirtNodeDevices
  extends LibvirtDataSource<types.DataLibvirtNodeDevicesState>
  implements types.DataLibvirtNodeDevicesAttributes
{
  static readonly tfResourceType = 'libvirt_node_devices';

  constructor(scope: Construct, id: string, config: types.DataLibvirtNodeDevicesConfig = {}) {
    super(scope, id, DataLibvirtNodeDevices.tfResourceType, config);
  }

  get devices(): string[] {
    return Fn.tolist(this.getListAttribute('devices'));
  }

  get id(): string {
    return this.getStringAttribute('id');
  }
}

/** CPUs and memory of the host. */
export class DataLibvirtNodeInfo
  extends LibvirtDataSource<types.DataLibvirtNodeInfoState>
  implements types.DataLibvirtNodeInfoAttributes
{
  static readonly tfResourceType = 'libvirt_node_info';

  constructor(scope: Construct, id: string, config: types.DataLibvirtNodeInfoConfig = {}) {
    super(scope, id, DataLibvirtNodeInfo.tfResourceType, config);
  }

  get cpuCoresPerSocket(): number {
    return this.getNumberAttribute('cpu_cores_per_socket');
  }

  get cpuCoresTotal(): number {
    return this.getNumberAttribute('cpu_cores_total');
  }

  get cpuModel(): string {
    return this.getStringAttribute('cpu_model');
  }

  get cpuSockets(): number {
    return this.getNumberAttribute('cpu_sockets');
  }

  get cpuThreadsPerCore(): number {
    return this.getNumberAttribute('cpu_threads_per_core');
  }

  get id(): string {
    return this.getStringAttribute('id');
  }

  get memoryTotalKb(): number {
    return this.getNumberAttribute('memory_total_kb');
  }

  get numaNodes(): number {
    return this.getNumberAttribute('numa_nodes');
  }
}
