import * as z from '../schema';
import { fragmentFault, isFragmentParent } from '../../model';
import * as schemas from '../schemas';

/** virsh takes digits for the number of a VM that runs, so for another one. */
export const vmName = schemas.libvirtName.regex(/[^0-9]/, 'is a number, which virsh takes for that of another VM');
export const target = z.string().regex(/^(vd|sd|hd|xvd)[a-z]{1,2}$/, "is not a disk's target");

const qos = z.object({
  totalBytesPerSecond: schemas.size.optional(),
  readBytesPerSecond: schemas.size.optional(),
  writeBytesPerSecond: schemas.size.optional(),
  totalIops: z.number().int().optional(),
  readIops: z.number().int().optional(),
  writeIops: z.number().int().optional(),
  burstBytesPerSecond: schemas.size.optional(),
  burstIops: z.number().int().optional(),
  burstDuration: schemas.duration.optional(),
});
export const disk = z.object({
  image: schemas.imageSpec,
  bus: z.enum(['virtio', 'scsi', 'sata', 'ide', 'usb', 'xen']),
  cdrom: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  serial: z.string().optional(),
  wwn: z.string().optional(),
  bootIndex: z.number().int().min(1).optional(),
  cache: z.enum(['none', 'writeback', 'writethrough', 'directsync', 'unsafe']).optional(),
  discard: z.boolean().optional(),
  detectZeroes: z.boolean().optional(),
  ioThread: z.boolean().optional(),
  queues: z.number().int().min(1).optional(),
  qos: qos.optional(),
});

export const xmlFragment = z.object({
  fragment: z.string().refine((text) => fragmentFault(text) === undefined, 'is not one element of XML'),
  parent: z.string().refine(isFragmentParent, 'is not the path of an element').optional(),
});
