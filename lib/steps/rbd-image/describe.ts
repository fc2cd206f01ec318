import { parseImageSpec, type RbdImageSpec } from '../../model';
import { typed, inBytes } from '../commands';
import { CLONE_SNAPSHOT } from './clone';
import { specOf } from './image';
import { creationOptions } from './import';
import { SEED_BYTES } from './seed-image';

/** The lines that make an image from its source by hand. */
export function describeMaking(spec: RbdImageSpec): readonly string[] {
  const { source } = spec;
  if (source.seed !== undefined) return seedLines(spec);
  if (source.file !== undefined) return importLines(spec, source.file);
  if (source.url !== undefined) {
    const file = basename(source.url);
    return [typed('curl', '--fail', '--location', '--output', file, source.url), ...importLines(spec, file)];
  }
  if (source.clone !== undefined || source.snapshot !== undefined) return cloneLines(spec);
  const size = spec.size === undefined ? [] : ['--size', inBytes(spec.size)];
  return [typed('rbd', 'create', ...creationOptions(spec), ...size, specOf(spec))];
}

function importLines(spec: RbdImageSpec, file: string): string[] {
  const { source } = spec;
  const checks = (['sha256', 'sha512'] as const).flatMap((algorithm) =>
    source[algorithm] === undefined
      ? []
      : [`${typed('echo', `${source[algorithm]}  ${file}`)} | ${algorithm}sum --check`],
  );
  const format = source.format === undefined ? [] : ['-f', source.format];
  const options = creationOptions(spec);
  const sparse = ['--sparse-size', '65536B'];
  return [
    ...checks,
    typed('qemu-img', 'convert', '-p', ...format, '-O', 'raw', file, `${spec.name}.raw`),
    typed('rbd', 'import', ...options, ...sparse, `${spec.name}.raw`, specOf(spec)),
  ];
}

function cloneLines(spec: RbdImageSpec): string[] {
  const { source } = spec;
  const { pool, name, snapshot } = parseImageSpec(source.clone ?? source.snapshot ?? '');
  const from = `${pool}/${name}@${snapshot ?? CLONE_SNAPSHOT}`;
  return [
    ...(snapshot === undefined ? [typed('rbd', 'snap', 'create', from)] : []),
    typed('rbd', 'clone', '--rbd-default-clone-format', '2', ...creationOptions(spec), from, specOf(spec)),
    ...(source.flatten === true ? [typed('rbd', 'flatten', specOf(spec))] : []),
  ];
}

function seedLines(spec: RbdImageSpec): string[] {
  const files = Object.keys(spec.source.seed?.files ?? {});
  const iso = `${spec.name}.iso`;
  return [
    typed('genisoimage', '-volid', 'cidata', '-joliet', '-rock', '-output', iso, ...files),
    typed('truncate', '--size', String(SEED_BYTES), iso),
    typed('rbd', 'import', iso, specOf(spec)),
  ];
}

function basename(url: string): string {
  const name = new URL(url).pathname.split('/').at(-1) ?? '';
  return name === '' ? 'image' : name;
}
