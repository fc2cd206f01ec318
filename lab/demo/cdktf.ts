import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { execa } from 'execa';
import type { LabInfo } from '../lab';
import { shownLine } from './lines';
import { say } from './report';

const ROOT = resolve(__dirname, '../..');

/** Where the demo deploys to and from: the state is in `folder`, and is removed with the lab that it describes. */
export interface DemoPlace {
  readonly lab: LabInfo;
  readonly folder: string;
  readonly driver: string;
}

/** `cdktf deploy` of examples/quickstart. Shows the steps as they come, and the whole output if it fails. */
export async function deploy(place: DemoPlace): Promise<void> {
  const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
  const app = `'${process.execPath}' '${tsx}' '${join(ROOT, 'examples/quickstart/main.ts')}'`;
  const context = { libvirtCephOwner: 'demo' };
  await writeFile(join(place.folder, 'cdktf.json'), JSON.stringify({ language: 'typescript', app, context }));
  await cdktf(place, 'deploy');
}

/** `cdktf destroy` of the same example. */
export async function destroy(place: DemoPlace): Promise<void> {
  await cdktf(place, 'destroy');
}

/** Without the provider lock, for which cdktf asks the registry even if a mirror on the machine has the provider. */
async function cdktf(place: DemoPlace, verb: string): Promise<void> {
  const [host] = place.lab.hosts;
  const running = execa(
    join(ROOT, 'node_modules/.bin/cdktf'),
    [verb, 'quickstart', '--auto-approve', '--skip-provider-lock'],
    {
      cwd: place.folder,
      stdin: 'ignore',
      all: true,
      reject: false,
      env: {
        // Without it synth hangs for minutes on a silent network (cdktf 0.21).
        CHECKPOINT_DISABLE: '1',
        TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.json'),
        CEPH_MONITORS: place.lab.monitors.join(','),
        CEPH_CONF: place.lab.cephConf,
        LIBVIRT_URI: host?.uri,
        LIBVIRT_DRIVER: place.driver,
        LIBVIRT_DOMAIN_TYPE: 'qemu',
        GUEST_IMAGE: place.lab.quickGuestImage,
      },
    },
  );
  const all: string[] = [];
  for await (const line of running.iterable({ from: 'all' })) {
    all.push(line);
    const shown = shownLine(line);
    if (shown !== undefined) say(`  ${shown}`);
  }
  const { failed } = await running;
  if (failed) throw new Error(`'cdktf ${verb}' failed; all that it said:\n${stripVTControlCharacters(all.join('\n'))}`);
}
