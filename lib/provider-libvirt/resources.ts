import type { IResolvable } from 'cdktf';
import type { Construct } from 'constructs';
import type * as types from './generated';
import { LibvirtResource } from './resource';

/** A cloud-init seed, made as an ISO file beside Terraform. */
export class CloudinitDisk extends LibvirtResource<types.CloudinitDiskState> implements types.CloudinitDiskAttributes {
  static readonly tfResourceType = 'libvirt_cloudinit_disk';

  constructor(scope: Construct, id: string, config: types.CloudinitDiskConfig) {
    super(scope, id, CloudinitDisk.tfResourceType, config);
  }

  get id(): string {
    return this.getStringAttribute('id');
  }

  get metaData(): string {
    return this.getStringAttribute('meta_data');
  }

  get name(): string {
    return this.getStringAttribute('name');
  }

  get path(): string {
    return this.getStringAttribute('path');
  }

  get size(): number {
    return this.getNumberAttribute('size');
  }

  get userData(): string {
    return this.getStringAttribute('user_data');
  }
}

/** A combustion script, made as a file beside Terraform. */
export class Combustion extends LibvirtResource<types.CombustionState> implements types.CombustionAttributes {
  static readonly tfResourceType = 'libvirt_combustion';

  constructor(scope: Construct, id: string, config: types.CombustionConfig) {
    super(scope, id, Combustion.tfResourceType, config);
  }

  get content(): string {
    return this.getStringAttribute('content');
  }

  get id(): string {
    return this.getStringAttribute('id');
  }

  get name(): string {
    return this.getStringAttribute('name');
  }

  get path(): string {
    return this.getStringAttribute('path');
  }

  get size(): number {
    return this.getNumberAttribute('size');
  }
}

/** A virtual machine. */
export class Domain extends LibvirtResource<types.DomainState> implements types.DomainAttributes {
  static readonly tfResourceType = 'libvirt_domain';

  constructor(scope: Construct, id: string, config: types.DomainConfig) {
    super(scope, id, Domain.tfResourceType, config);
  }

  get id(): number {
    return this.getNumberAttribute('id');
  }

  get name(): string {
    return this.getStringAttribute('name');
  }

  get type(): string {
    return this.getStringAttribute('type');
  }

  get uuid(): string {
    return this.getStringAttribute('uuid');
  }
}

/** An ignition file, made beside Terraform. */
export class Ignition extends LibvirtResource<types.IgnitionState> implements types.IgnitionAttributes {
  static readonly tfResourceType = 'libvirt_ignition';

  constructor(scope: Construct, id: string, config: types.IgnitionConfig) {
    super(scope, id, Ignition.tfResourceType, config);
  }

  get content(): string {
    return this.getStringAttribute('content');
  }

  get id(): string {
    return this.getStringAttribute('id');
  }

  get name(): string {
    return this.getStringAttribute('name');
  }

  get path(): string {
    return this.getStringAttribute('path');
  }

  get size(): number {
    return this.getNumberAttribute('size');
  }
}

/** A virtual network. */
export class Network extends LibvirtResource<types.NetworkState> implements types.NetworkAttributes {
  static readonly tfResourceType = 'libvirt_network';

  constructor(scope: Construct, id: string, config: types.NetworkConfig) {
    super(scope, id, Network.tfResourceType, config);
  }

  get autostart(): IResolvable {
    return this.getBooleanAttribute('autostart');
  }

  get id(): string {
    return this.getStringAttribute('id');
  }

  get name(): string {
    return this.getStringAttribute('name');
  }

  get uuid(): string {
    return this.getStringAttribute('uuid');
  }
}

/** A storage pool. */
export class Pool extends LibvirtResource<types.PoolState> implements types.PoolAttributes {
  static readonly tfResourceType = 'libvirt_pool';

  constructor(scope: Construct, id: string, config: types.PoolConfig) {
    super(scope, id, Pool.tfResourceType, config);
  }

  get allocation(): number {
    return this.getNumberAttribute('allocation');
  }

  get available(): number {
    return this.getNumberAttribute('available');
  }

  get capacity(): number {
    return this.getNumberAttribute('capacity');
  }

  get id(): string {
    return this.getStringAttribute('id');
  }

  get name(): string {
    return this.getStringAttribute('name');
  }

  get type(): string {
    return this.getStringAttribute('type');
  }

  get uuid(): string {
    return this.getStringAttribute('uuid');
  }
}

/** A volume of a storage pool. Not for RBD: libvirt loses it when it restarts. */
export class Volume extends LibvirtResource<types.VolumeState> implements types.VolumeAttributes {
  static readonly tfResourceType = 'libvirt_volume';

  constructor(scope: Construct, id: string, config: types.VolumeConfig) {
    super(scope, id, Volume.tfResourceType, config);
  }

  get allocation(): number {
    return this.getNumberAttribute('allocation');
  }

  get capacity(): number {
    return this.getNumberAttribute('capacity');
  }

  get id(): string {
    return this.getStringAttribute('id');
  }

  get key(): string {
    return this.getStringAttribute('key');
  }

  get name(): string {
    return this.getStringAttribute('name');
  }

  get path(): string {
    return this.getStringAttribute('path');
  }

  get physical(): number {
    return this.getNumberAttribute('physical');
  }

  get pool(): string {
    return this.getStringAttribute('pool');
  }
}
