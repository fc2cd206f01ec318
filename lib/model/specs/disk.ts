import type { ClusterSpec, HostSpec } from '../connection';
import type { ObjectSpec, Removal } from './object';

/** A total excludes separate reads and writes of the same kind. */
export interface QosSpec {
  readonly totalBytesPerSecond?: string;
  readonly readBytesPerSecond?: string;
  readonly writeBytesPerSecond?: string;
  readonly totalIops?: number;
  readonly readIops?: number;
  readonly writeIops?: number;
  readonly burstBytesPerSecond?: string;
  readonly burstIops?: number;
  /** "10 seconds" */
  readonly burstDuration?: string;
}
/** One RBD disk of a domain. */
export interface DiskSpec {
  /** "pool/image" */
  readonly image: string;
  readonly bus: 'virtio' | 'scsi' | 'sata' | 'ide' | 'usb' | 'xen';
  readonly cdrom?: boolean;
  readonly readOnly?: boolean;
  readonly serial?: string;
  readonly wwn?: string;
  readonly bootIndex?: number;
  readonly cache?: 'none' | 'writeback' | 'writethrough' | 'directsync' | 'unsafe';
  readonly discard?: boolean;
  readonly detectZeroes?: boolean;
  readonly ioThread?: boolean;
  readonly queues?: number;
  readonly qos?: QosSpec;
}
/** How a disk reaches its cluster. */
export interface DiskAccess {
  readonly monitors: readonly string[];
  /** The cephx ID. */
  readonly clientId: string;
  readonly secretUsage: string;
}
/** RbdDiskAttachment: one disk of a VM that this stack did not make. */
export interface DiskAttachmentSpec extends ObjectSpec, DiskAccess {
  readonly host: HostSpec;
  readonly cluster: ClusterSpec;
  readonly domain: string;
  readonly target: string;
  readonly disk: DiskSpec;
}
/** For an attachment, and for a data disk of a VM of this stack. */
export interface DiskRemoval extends Removal {
  readonly host: HostSpec;
  readonly domain: string;
  readonly target: string;
  readonly image: string;
}
