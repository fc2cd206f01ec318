import type { LabInfo } from '../lab';

const taken: { readonly what: string; readonly seconds: number }[] = [];

/** A line for the person watching. */
export function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** Runs a part of the demo under its heading and records how long it took. */
export async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  say(`\n== ${what}`);
  const started = Date.now();
  try {
    return await work();
  } finally {
    taken.push({ what, seconds: (Date.now() - started) / 1000 });
  }
}

/** How long each part took. */
export function timings(): void {
  say('\n== timings');
  taken.forEach(({ what, seconds }) => {
    say(`${seconds.toFixed(1).padStart(8)} s  ${what}`);
  });
}

/** What to try after a demo that has removed everything. */
export function nextText(): string {
  return [
    '\n== what to try next',
    '  npm run demo -- --keep     the same, left running: look around in it, change examples/quickstart/main.ts, deploy again',
    '  examples/README.md         more stacks, each with the command that runs it',
    '  docs/own-cluster.md        your own Ceph and hosts',
  ].join('\n');
}

/** How to look around in a demo that is kept, and how to remove it. */
export function keptText(lab: LabInfo, folder: string): string {
  const [host] = lab.hosts;
  return [
    '\n== kept: look around',
    `  export CEPH_CONF=${lab.cephConf}`,
    '  ceph status; rbd ls libvirt-pool; rbd status libvirt-pool/web1-root',
    `  virsh --connect '${host?.virshUri ?? ''}' list --all`,
    `  less ${host?.logFolder ?? ''}/qemu/web1-console.log`,
    `  the state: ${folder}/terraform.quickstart.tfstate`,
    'and end it:',
    `  npm run lab -- down --folder ${lab.folder}`,
  ].join('\n');
}
