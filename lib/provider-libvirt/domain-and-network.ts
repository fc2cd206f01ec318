import type { IResolvable } from 'cdktf';
import type { Construct } from 'constructs';
import type * as types from './generated';
import { LibvirtResource } from './resource';

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
