import { Refusal } from '../tools';
import { contentOf } from './file-content';

/** The format of a file that qemu-img would take for a raw disk; undefined lets qemu-img find out. */
export function formatByContent(path: string, from: string): string | undefined {
  const { fixedVhd, luks, archive, compression } = contentOf(path);
  if (luks === 2) throw encrypted(from, 'LUKS2', `'cryptsetup open FILE plain', then 'cp /dev/mapper/plain PLAIN'`);
  if (archive !== undefined) throw archived(from, archive);
  if (compression !== undefined) throw notAnImage(from, `it is compressed with ${compression} more than once`);
  return luks === 1 ? 'luks' : fixedVhd ? 'vpc' : undefined;
}

/** As a disk, it would be one that no VM boots from. */
function archived(from: string, archive: string): Refusal {
  if (!archive.includes('archive')) return notAnImage(from, `it is ${archive}`);
  const [ova, unpacker] = archive === 'a tar archive' ? [', as an OVA is', " ('tar -xf FILE')"] : ['', ''];
  return notAnImage(from, `it is ${archive}${ova}`, `unpack it${unpacker} and give the disk in it`);
}

export function encrypted(from: string, how: string, decrypt: string): Refusal {
  return new Refusal(
    `the file '${from}' is encrypted (${how})`,
    `decrypt it (${decrypt}) and give the result, or set 'format: "raw"' if it is a raw disk that its guest decrypts`,
    'file-encrypted',
  );
}

export function notAnImage(from: string, reason: string, next?: string): Refusal {
  return new Refusal(
    `the file '${from}' is not a disk: ${reason}`,
    next ?? `give a raw, qcow2, vmdk, vhdx, vhd or vdi file, and set its 'format' if it cannot be detected`,
    'file-no-image',
  );
}
