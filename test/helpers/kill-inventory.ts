import { readdirSync } from 'node:fs';
import { execa } from 'execa';
import type { LabInfo } from '../../lab/lab';
import type { Copies } from './kill-stack';
import { imageLocks, scratchFolders } from './rbd';
import { Admin } from './world';

/**
 * Everything that exists under the names of a kill stack, and its files in a folder: nothing lost, nothing duplicated,
 * nothing left over.
 */
export async function killStackInventory(lab: LabInfo, folder: string): Promise<string[]> {
  const admin = new Admin(lab);
  const marks = JSON.parse(await admin.ceph('config-key', 'ls', '--format', 'json')) as string[];
  const images = (await admin.rbd('ls', 'kp-base')).split('\n').filter(Boolean);
  const trash = JSON.parse(await admin.rbd('trash', 'ls', '--format', 'json', 'kp-base')) as {
    id: string;
    name: string;
  }[];
  const named = (key: string): string => trash.reduce((text, { id, name }) => text.replace(id, name), key);
  const snapshots = images.map(async (image) =>
    (JSON.parse(await admin.rbd('snap', 'ls', '--format', 'json', `kp-base/${image}`)) as { name: string }[]).map(
      ({ name }) => `snapshot ${image}@${name}`,
    ),
  );
  const files = readdirSync(folder).filter((name) => /kpi?-/.test(name));
  const scratch = scratchFolders();
  return [
    ...(await admin.inventory('kp')),
    ...marks.filter((key) => key.includes('/kp')).map((key) => `mark ${named(key)}`),
    ...(await Promise.all(snapshots)).flat(),
    ...(await imageLocks(lab, 'kp-base')),
    ...[...files, ...scratch].map((name) => `file ${name}`),
  ].sort();
}

/**
 * Every image with Ceph's own id, which a new one would not have, and the data at the beginning of imports and
 * clones.
 */
export async function imageContents(lab: LabInfo): Promise<string[]> {
  const admin = new Admin(lab);
  const all = JSON.parse(await admin.rbd('ls', '--long', '--format', 'json', 'kp-base')) as {
    image: string;
    id: string;
    snapshot?: string;
  }[];
  const images = all.filter(({ snapshot }) => snapshot === undefined);
  const begins = images.map(async ({ image, id }) => {
    if (!/kp-(file|url|stream|clone|flat|golden)/.test(image)) return `${image} ${id}`;
    const exported = ['export', '--no-progress', `kp-base/${image}`, '-'];
    const { stdout } = await execa('sh', [
      '-c',
      'rbd --conf "$0" "$@" | head --bytes 1048576 | sha256sum',
      lab.cephConf,
      ...exported,
    ]);
    return `${image} ${id} ${stdout}`;
  });
  return (await Promise.all(begins)).sort();
}

/** What is there with one object of each word, for as many as there are. */
export function inventoryOfCopies(inventory: readonly string[], copies: Copies): string[] {
  return inventory
    .flatMap((line) => {
      const word = /kpi?-([a-z]+)-01/.exec(line)?.[1];
      if (word === undefined) return [line];
      return Array.from({ length: copies[word] ?? 0 }, (_, i) =>
        line.replaceAll(/(kpi?-[a-z]+-)01/g, `$1${String(i + 1).padStart(2, '0')}`),
      );
    })
    .sort();
}
