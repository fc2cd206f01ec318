import { statSync } from 'node:fs';
import { Refusal, ToolError, type Command, type Tools } from '../tools';
import { formatByContent, encrypted, notAnImage } from './file-format';

/** A file that contains a disk. */
export interface DiskFile {
  readonly path: string;
  /** In qemu-img's words: "raw", "qcow2", "vmdk", "vhdx", ... */
  readonly format: string;
  /** The size of its disk in bytes. */
  readonly size: number;
}

/** Exit codes of `qemu-img check`: no error, wasted space, a format that cannot be checked. */
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

/** `qemu-img` on the machine where Terraform runs, because the files are there. */
export function qemuImg(...args: string[]): Command {
  return { argv: ['qemu-img', ...args], transport: { type: 'local' } };
}

/**
 * Asks qemu-img what a file is; `from` is the user's name for it. A declared format takes precedence over the detected
 * one.
 */
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
  if (outcome.exitCode === 1) throw notAnImage(from, saidOf(outcome.stderr));
  return JSON.parse(outcome.stdout) as QemuInfo;
}

/** Why it could not open the file; its message may name the path several times. */
function saidOf(stderr: string): string {
  const last = stderr.trim().split('\n').at(-1) ?? '';
  return last.replace(/^qemu-img: (Could not open '[^']*': )*/, '') || 'it is unreadable';
}

/** RBD would store the encrypted bytes, and nothing here decrypts them. */
function refuseEncrypted(info: QemuInfo, from: string): void {
  if (info.encrypted !== true) return;
  const how = info['format-specific']?.data?.encrypt?.format ?? info.format;
  const key = info.format === 'qcow2' && how === 'luks' ? 'encrypt.key-secret' : 'key-secret';
  const image = `--image-opts driver=${info.format},file.filename=FILE,${key}=s`;
  throw encrypted(from, how, `'qemu-img convert --object secret,id=s,file=PASSPHRASE-FILE ${image} -O qcow2 PLAIN'`);
}

/** qemu-img reads zeros if a file ends too early (an unfinished or interrupted copy); only a check detects that. */
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

/** qemu-img takes every file for a raw disk. Without a declared format, the file must at least have a disk's size. */
function refuseNoDisk(path: string, from: string): void {
  const { size } = statSync(path);
  if (statSync(path).isFile() && (size === 0 || size % 512 !== 0)) {
    throw notAnImage(from, `its size, ${size} bytes, is not a multiple of 512`);
  }
}

/** A file that refers to others would pull in what no checksum covers, or files that must not be read. */
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
    `convert it to a single file: 'qemu-img convert -O qcow2 FILE WHOLE'`,
    'file-refers',
  );
}
