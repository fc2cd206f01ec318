import type { RbdImageSpec } from '../../model';
import { assigned, inFolder, localLine, rbdLine, supplied } from '../runbook-lines';
import { jsonWord, type Piece, type Word } from '../runbook-words';
import { imageSpecOf } from './rbd-command';
import { creationOptions } from './import';
import { SEED_BYTES, SEED_KEY } from './seed-content';

/**
 * The text of a seed is read from the file that synth wrote: it may contain passwords, which a runbook must not show.
 */
const WRITE_FILES =
  'const { files } = JSON.parse(fs.readFileSync(process.argv[1])); ' +
  'for (const name in files) fs.writeFileSync(`${process.argv[2]}/${name}`, files[name].join(""))';

/** The lines that create a seed by hand. */
export function seedByHand(spec: RbdImageSpec): string[] {
  const { source, cluster, seedFile = '' } = spec;
  const files = Object.keys(source.seed?.files ?? {});
  const values = source.seed?.variables;
  const folder: Word = [{ variable: values === undefined ? 'folder' : 'seed_folder' }];
  const iso = inFolder('seed.iso');
  const names = files.map((file): Word => [...folder, `/${file}`]);
  return [
    values === undefined
      ? localLine('node', '-e', WRITE_FILES, seedFile, folder)
      : supplied(
          'seed_folder',
          `a folder with ${files.join(', ')} for ${imageSpecOf(spec)}: only an apply knows ${values} of the values in them`,
        ),
    localLine('genisoimage', '-quiet', '-volid', 'cidata', '-joliet', '-rock', '-output', iso, ...names),
    localLine('truncate', '--size', String(SEED_BYTES), iso),
    `${rbdLine(cluster, 'import', ...creationOptions({ ...spec, objectSize: `${SEED_BYTES} bytes` }), '--no-progress', '-', imageSpecOf(spec))} <${localLine(iso)}`,
  ];
}

/** The content of a seed, so that a change of it is noticed. */
export function seedRecordByHand(spec: RbdImageSpec): string[] {
  const { seed } = spec.source;
  if (seed === undefined) return [];
  const digest: Piece = { variable: 'digest' };
  const record = jsonWord({ id: '', seed, digest: '' }, { id: [{ variable: 'id' }], digest: [digest] });
  return [
    assigned('digest', `sha256sum <${localLine(inFolder('seed.iso'))} | cut -d ' ' -f 1`),
    rbdLine(spec.cluster, 'image-meta', 'set', imageSpecOf(spec), SEED_KEY, record),
  ];
}
