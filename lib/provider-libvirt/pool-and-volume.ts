import type { Construct } from 'constructs';
import type * as types from './generated';
import { LibvirtResource } from './resource';

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

/** A volume of a storage pool. Not for RBD: libvirt loses sight of it when it restarts. */
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
