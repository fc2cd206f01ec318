/** "root@mon1", not an option of ssh. */
export const SSH_DESTINATION = /^[^-\s]\S*$/;
/** As 'ssh -J' takes it. */
export const SSH_JUMP_HOST = /^[\w[][\w.@:,/%[\]-]*$/;

/** How to run `ceph`, `rbd` and the few host commands. */
export type TransportSpec =
  | { readonly type: 'local' }
  | {
      readonly type: 'ssh';
      readonly destination: string;
      readonly port?: number;
      readonly identityFile?: string;
      readonly jumpHost?: string;
      readonly sudo?: boolean;
    }
  | { readonly type: 'command'; readonly prefix: readonly string[] };

/** A Ceph cluster as the commands see it. */
export interface ClusterSpec {
  readonly monitors: readonly string[];
  readonly transport: TransportSpec;
  readonly confFile?: string;
  readonly adminId?: string;
  readonly keyringFile?: string;
}

/** A libvirt host as `virsh` and the few host commands see it. `uri` is virsh's form. */
export interface HostSpec {
  readonly uri: string;
  readonly transport: TransportSpec;
}

/** Who made an object: the project, its stack and the Terraform workspace. */
export interface OwnerSpec {
  readonly project: string;
  readonly stack: string;
  readonly workspace: string;
}
