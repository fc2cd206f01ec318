import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { labDown, labStatus, labUp } from '../lab';
import { deploy, destroy, type DemoPlace } from './cdktf';
import { showConsole } from './console';
import { chooseDriver } from './driver';
import { showPageChecks } from './page-checks';
import { lacking } from './preflight';
import { keptText, nextText, say, timed, timings } from './report';
import { leaveOutMissingConfig } from './terraform-config';

const FOLDER = '/var/tmp/cdktf-libvirt-ceph-demo';
const USAGE = `usage: npm run demo -- [--keep] [--driver virsh|provider]

Brings up a private Ceph and libvirt on this machine (Debian, root), deploys examples/quickstart with 'cdktf deploy',
shows the VM booting from RBD, and takes all of it down again.

  --keep    leave it running; says how to look around and how to end it
  --driver  what makes the VM: 'provider' (the Terraform provider dmacvicar/libvirt) or 'virsh';
            without it, the provider where 'terraform init' finds it, else virsh
`;

const OPTIONS = {
  keep: { type: 'boolean', default: false },
  driver: { type: 'string' },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(): Promise<void> {
  const { values } = parseArgs({ options: OPTIONS });
  if (values.help) {
    process.stdout.write(USAGE);
    return;
  }
  leaveOutMissingConfig(say);
  const missing = await lacking(FOLDER);
  if (missing.length > 0) throw new Error(`this machine lacks what the demo needs:\n  ${missing.join('\n  ')}`);
  const driver = chooseDriver(values.driver);
  if ((await labStatus(FOLDER)).processes.length > 0) {
    say('an earlier demo is still up: ending it first');
    await labDown(FOLDER);
  }
  await run(driver, values.keep);
}

async function run(driver: string, keep: boolean): Promise<void> {
  try {
    const lab = await timed('a private Ceph and libvirt', () => labUp({ folder: FOLDER, install: true, say }));
    const place: DemoPlace = { lab, folder: join(FOLDER, 'demo'), driver };
    await mkdir(place.folder, { recursive: true });
    await timed(`cdktf deploy (${driver})`, () => deploy(place));
    await timed('the guest boots from RBD', () => showConsole(lab));
    await timed("the page's own checks", () => showPageChecks(lab));
    if (keep) {
      say(keptText(lab, place.folder));
    } else {
      await timed('cdktf destroy', () => destroy(place));
    }
  } finally {
    if (!keep) await timed('taking the lab down', () => labDown(FOLDER));
  }
  timings();
  if (!keep) say(nextText());
}

main().catch((error: unknown) => {
  process.stderr.write(`demo: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
