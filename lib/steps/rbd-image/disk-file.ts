import { statSync } from 'node:fs';
import { Refusal, ToolError, type Command, type Tools } from '../tools';
import { contentOf } from './file-content';

/** A file that holds the image of a disk. */
export interface DiskFile {
  readonly path: string;
  /** Of qemu-img: "raw", "qcow2", "vmdk", "vhdx", ... */
  readonly format: string;
  /** Bytes of the disk in it. */
  readonly size: number;
}

/** Of `qemu-img check`: nothing wrong, room that is wasted, a format that cannot be checked. */
const FINE = [0, 3, 63];

interface QemuInfo {
  readonly format: string;
  readonly 'virtual-size': number;
  readonly encrypted?: boolean;
  readonly 'backing-filename'?: string;
  readonly 'format-specific'?: {
    readonly data?: {
      readonly 'data-file'?: string;
      readonly encrypt?: { readonly format?: string };
      readonly extents?: readonly { readonly filename: string }[];
    };
  };
}

/** `qemu-img` on the machine where Terraform runs: that is where the files are. */
export function qemuImg(...args: string[]): Command {
  return { argv: ['qemu-img', ...args], transport: { type: 'local' } };
}

/** Asks qemu-img what a file is; `from` is how the user named it. A declared format wins over a probed one. */
export async function inspect(tools: Tools, path: string, format: string | undefined, from: string): Promise<DiskFile> {
  const info = await qemuInfo(tools, path, format ?? formatByContent(path, from), from);
  if (info.format === 'raw' && format === undefined) refuseNoDisk(path, from);
  refuseEncrypted(info, from);
  refuseReferences(info, path, from);
  if (info.format !== 'raw') await refuseDamaged(tools, path, info.format, from);
  return { path, format: info.format, size: info['virtual-size'] };
}

async function qemuInfo(tools: Tools, path: string, format: string | undefined, from: string): Promise<QemuInfo> {
  const declared = format === undefined ? [] : ['-f', format];
  const command = qemuImg('info', '--output', 'json', ...declared, path);
  const outcome = await tools.attempt(command);
  if (outcome.exitCode > 1) throw new ToolError(command, outcome);
  if (outcome.exitCode === 1) throw notAnImage(from, outcome.stderr.trim().split('\n').at(-1) ?? 'unreadable');
  return JSON.parse(outcome.stdout) as QemuInfo;
}

/** To qemu-img these are raw disks; nobody declared them to be. */
function formatByContent(path: string, from: string): string | undefined {
  const { fixedVhd, luks, archive, compression } = contentOf(path);
  if (luks === 2) throw encrypted(from, 'LUKS2', `'cryptsetup open FILE plain', then 'cp /dev/mapper/plain PLAIN'`);
  if (archive !== undefined) throw archived(from, archive);
  if (compression !== undefined) throw notAnImage(from, `it is compressed by ${compression} more than once`);
  return luks === 1 ? 'luks' : fixedVhd ? 'vpc' : undefined;
}

/** Taken for a disk, it would be one that no VM boots from. */
function archived(from: string, archive: string): Refusal {
  if (!archive.includes('archive')) return notAnImage(from, `it is ${archive}`);
  const [ova, unpacker] = archive === 'a tar archive' ? [', as an OVA is', " ('tar -xf FILE')"] : ['', ''];
  return notAnImage(from, `it is ${archive}${ova}`, `unpack it${unpacker} and give the disk in it`);
}

/** In RBD it would be what is encrypted, which nothing here would decrypt. */
function refuseEncrypted(info: QemuInfo, from: string): void {
  if (info.encrypted !== true) return;
  const how = info['format-specific']?.data?.encrypt?.format ?? info.format;
  const key = info.format === 'qcow2' && how === 'luks' ? 'encrypt.key-secret' : 'key-secret';
  const image = `--image-opts driver=${info.format},file.filename=FILE,${key}=s`;
  throw encrypted(from, how, `'qemu-img convert --object secret,id=s,file=PASSPHRASE-FILE ${image} -O qcow2 PLAIN'`);
}

function encrypted(from: string, how: string, decrypt: string): Refusal {
  return new Refusal(
    `the file '${from}' is encrypted (${how})`,
    `decrypt it (${decrypt}) and give what comes out, or declare 'format: "raw"' where it is a raw disk that its guest decrypts`,
    'file-encrypted',
  );
}

/** What ends too early (a copy that still runs, or was cut off) is read as zeros there; only a check tells. */
async function refuseDamaged(tools: Tools, path: string, format: string, from: string): Promise<void> {
  const command = qemuImg('check', '--output', 'json', '-f', format, path);
  const outcome = await tools.attempt(command);
  if (FINE.includes(outcome.exitCode)) return;
  if (outcome.exitCode > 2) throw new ToolError(command, outcome);
  const [said = ''] = outcome.stderr.trim().split('\n');
  throw new Refusal(
    `the file '${from}' is damaged or incomplete${said && `: qemu-img check says '${said}'`}`,
    `wait until it is copied, or fetch it again, then apply again`,
    'file-damaged',
  );
}

/** To qemu-img every file is a raw disk; what nobody declared to be one must at least be able to be one. */
function refuseNoDisk(path: string, from: string): void {
  const { size } = statSync(path);
  if (statSync(path).isFile() && (size === 0 || size % 512 !== 0)) {
    throw notAnImage(from, `it has ${size} bytes, and a disk has a multiple of 512`);
  }
}

/** An image that names other files would pull in what no checksum covers, or what is none of its business. */
function refuseReferences(info: QemuInfo, path: string, from: string): void {
  const data = info['format-specific']?.data;
  const others = [
    info['backing-filename'],
    data?.['data-file'],
    ...(data?.extents ?? []).map(({ filename }) => filename),
  ].filter((one) => one !== undefined && one !== path);
  if (others.length === 0) return;
  throw new Refusal(
    `the file '${from}' is not a whole disk: it refers to ${others.map((one) => `'${one}'`).join(', ')}`,
    `make one file of it: 'qemu-img convert -O qcow2 FILE WHOLE'`,
    'file-refers',
  );
}

function notAnImage(from: string, reason: string, next?: string): Refusal {
  return new Refusal(
    `the file '${from}' is not a disk: ${reason}`,
    next ?? `give a raw, qcow2, vmdk, vhdx, vhd or vdi file, and its 'format' where it cannot be told`,
    'file-no-image',
  );
}
