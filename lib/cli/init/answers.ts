/** What a project is made from. */
export interface Answers {
  readonly toolkit: Toolkit;
  /** As VMs are given them. */
  readonly monitors: readonly string[];
  /** Ceph's configuration where its commands run, where that is not /etc/ceph/ceph.conf. */
  readonly confFile?: string;
  /** Where Ceph's commands run: 'root@mon1'; here when not given. */
  readonly ssh?: string;
  /** libvirt's URI. */
  readonly host: string;
  readonly driver: Driver;
  readonly domainType: DomainType;
  readonly pool: string;
  /** A file, or its address. */
  readonly image: string;
  /** A libvirt network; the VM gets no network interface when not given. */
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

/** The command line of cdktn wants Node.js 22.19; cdktf, which it takes the place of, is archived. */
export function toolkitFor(nodeVersion: string): Toolkit {
  const [major = 0, minor = 0] = nodeVersion.split('.').map(Number);
  return major > 22 || (major === 22 && minor >= 19) ? 'cdktn' : 'cdktf';
}
