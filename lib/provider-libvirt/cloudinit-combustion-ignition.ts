import type { Construct } from 'constructs';
import type * as types from './generated';
import { LibvirtResource } from './resource';

/** A cloud-init seed, created as an ISO file on the machine where Terraform runs. */
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

/** A combustion script, created as a file on the machine where Terraform runs. */
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

/** An Ignition file, created on the machine where Terraform runs. */
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
