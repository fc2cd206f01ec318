/** What a project is generated from. */
export interface Answers {
  readonly toolkit: Toolkit;
  /** As VMs get them. */
  readonly monitors: readonly string[];
  /** Ceph's configuration where its commands run, if it is not /etc/ceph/ceph.conf. */
  readonly confFile?: string;
  /** Where Ceph's commands run, such as 'root@mon1'; default: here. */
  readonly ssh?: string;
  /** libvirt's URI. */
  readonly host: string;
  readonly driver: Driver;
  readonly domainType: DomainType;
  readonly pool: string;
  /** A file or a URL. */
  readonly image: string;
  /** A libvirt network; without it the VM gets no network interface. */
  readonly network?: string;
  /** Who may log in to a cloud image. */
  readonly sshKey?: string;
}

export const TOOLKITS = ['cdktf', 'cdktn'] as const;
export const DRIVERS = ['provider', 'virsh'] as const;
export const DOMAIN_TYPES = ['kvm', 'qemu'] as const;
export type Toolkit = (typeof TOOLKITS)[number];
export type Driver = (typeof DRIVERS)[number];
export type DomainType = (typeof DOMAIN_TYPES)[number];

export const DEFAULT_POOL = 'libvirt-pool';
export const DEFAULT_IMAGE = 'https://cloud.debian.org/images/cloud/bookworm/latest/debian-12-genericcloud-amd64.qcow2';

/** cdktn's command line needs Node.js 22.19; cdktf, which it replaces, is archived. */
export function toolkitFor(nodeVersion: string): Toolkit {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 19) ? 'cdktn' : 'cdktf';
}
