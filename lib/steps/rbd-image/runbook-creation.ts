import { parseImageSpec, parseSize, type RbdImageSpec } from '../../model';
import { absent, empty } from '../runbook-checks';
import { comment, inFolder, localLine, rbdLine, supplied } from '../runbook-lines';
import type { Word } from '../runbook-words';
import { inBytes } from '../commands';
import { CLONE_SNAPSHOT } from './clone';
import { imageSpecOf } from './rbd-command';
import { creationOptions, SPARSE_BYTES } from './import';
import { seedByHand } from './runbook-seed';

/** By the suffix, because the file may not exist on any machine yet. */
const UNPACKERS: readonly (readonly [RegExp, ...string[]])[] = [
  [/\.gz$/i, 'gzip', '-dc'],
  [/\.xz$/i, 'xz', '-dc'],
  [/\.(zst|zstd)$/i, 'zstd', '-dcq', '--long=31'],
  [/\.bz2$/i, 'bzip2', '-dc'],
];

/** The lines that create an image from its source by hand; `rbd` refuses a taken name. */
export function creationByHand(spec: RbdImageSpec): readonly string[] {
  const { source, cluster } = spec;
  if (source.seed !== undefined) return seedByHand(spec);
  if (source.file !== undefined) return importLines(spec, fileWord(source.file), source.file);
  if (source.url !== undefined) return urlLines(spec, source.url);
  if (source.clone !== undefined || source.snapshot !== undefined) return cloneLines(spec);
  const size = spec.size === undefined ? [] : ['--size', inBytes(spec.size)];
  return [
    comment("Its data may be in the trash, from where 'rbd trash restore' brings it back."),
    absent(`${rbdLine(cluster, 'trash', 'ls', spec.pool)} | awk '{print $2}'`, spec.name),
    rbdLine(cluster, 'create', ...creationOptions(spec), ...size, imageSpecOf(spec)),
  ];
}

/** `rbd` refuses to shrink an image, and to give it the size that it already has. */
export function growthByHand(spec: RbdImageSpec): readonly string[] {
  const { cluster, size, source } = spec;
  if (size === undefined || source.blank === true || source.seed !== undefined) return [];
  const bytes = parseSize(size);
  const shown = `${rbdLine(cluster, 'info', '--format', 'json', imageSpecOf(spec))} | sed 's/.*"size":\\([0-9]*\\).*/\\1/'`;
  return [`[ "$(${shown})" = ${bytes} ] || ${rbdLine(cluster, 'resize', '--size', inBytes(size), imageSpecOf(spec))}`];
}

function urlLines(spec: RbdImageSpec, url: string): string[] {
  const file = basename(url);
  const { checksumUrl } = spec.source;
  const isSecret = spec.fetch !== undefined || spec.fetchHeaders !== undefined;
  const config: Word[] = isSecret ? ['--config', [{ variable: 'curl_config' }]] : [];
  const fetched = (from: string, to: string): string =>
    localLine('curl', '--fail', '--location', ...config, '--output', inFolder(to), from);
  const sum = checksumUrl?.includes('512') ? 'sha512sum' : 'sha256sum';
  return [
    ...(isSecret ? [supplied('curl_config', 'a file for curl with the user, query or headers of the download')] : []),
    fetched(url, file),
    ...(checksumUrl === undefined
      ? []
      : [fetched(checksumUrl, 'checksums'), `(cd "$folder" && ${sum} --check --ignore-missing checksums)`]),
    ...importLines(spec, inFolder(file), file),
  ];
}

/** Goes through a raw file: `rbd import` runs where the transport leads, but the source is here. */
function importLines(spec: RbdImageSpec, path: Word, file: string): string[] {
  const { source, name, cluster } = spec;
  const [raw, unpacked] = [inFolder(`${name}.raw`), inFolder(`${name}.unpacked`)];
  const [, ...unpacker] = UNPACKERS.find(([suffix]) => suffix.test(file)) ?? [];
  const disk = unpacker.length === 0 ? path : unpacked;
  const format = source.format === undefined ? [] : ['-f', source.format];
  const sums = (['sha256', 'sha512'] as const).flatMap((sum) => {
    const wanted = source[sum]?.toLowerCase();
    return wanted === undefined ? [] : [`${localLine(`${sum}sum`)} <${localLine(path)} | grep -x '${wanted}  -'`];
  });
  return [
    ...sums,
    ...(unpacker.length === 0 ? [] : [`${localLine(...unpacker)} <${localLine(path)} >${localLine(unpacked)}`]),
    comment('An image that refers to other files would include their content.'),
    empty(`${localLine('qemu-img', 'info', ...format, disk)} | sed -n -e '/^backing file/p' -e '/^data file/p'`),
    localLine('qemu-img', 'convert', ...format, '-O', 'raw', disk, raw),
    `${rbdLine(cluster, 'import', ...creationOptions(spec), '--sparse-size', inBytes(SPARSE_BYTES), '--no-progress', '-', imageSpecOf(spec))} <${localLine(raw)}`,
    localLine('rm', '-f', raw, ...(unpacker.length === 0 ? [] : [unpacked])),
  ];
}

/** All clones of a parent use one snapshot. */
function cloneLines(spec: RbdImageSpec): string[] {
  const { source, cluster } = spec;
  const { pool, name, snapshot } = parseImageSpec(source.clone ?? source.snapshot ?? '');
  const from = `${pool}/${name}@${snapshot ?? CLONE_SNAPSHOT}`;
  const made = `${rbdLine(cluster, 'info', from)} >/dev/null 2>&1 || ${rbdLine(cluster, 'snap', 'create', '--no-progress', from)}`;
  return [
    ...(snapshot === undefined ? [made] : []),
    rbdLine(cluster, 'clone', '--rbd-default-clone-format', '2', ...creationOptions(spec), from, imageSpecOf(spec)),
    ...(source.flatten === true ? [rbdLine(cluster, 'flatten', '--no-progress', imageSpecOf(spec))] : []),
  ];
}

/** A name that begins with a dash would be taken for an option. */
function fileWord(path: string): string {
  return path.startsWith('-') ? `./${path}` : path;
}

function basename(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  return /^[\w.][\w.%+-]*$/.test(name) ? name : 'image';
}
