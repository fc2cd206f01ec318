import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LabInfo } from '../lab';
import { say } from './report';

const BOOT_SECONDS = 120;
/** What the guest itself reports about its disks: the root disk on RBD, and the data disk with its canary. */
const WANTED = [/^GUEST UP/, /^DISK vda SIZE/, /^DISK vdb SIZE .*web1-data/, /^DISK vdb FIRST CANARY/];

/** Follows the guest's serial console until it shows its disks. Throws if that takes more than two minutes. */
export async function showConsole(lab: LabInfo): Promise<void> {
  const file = join(lab.hosts[0]?.logFolder ?? '', 'qemu/web1-console.log');
  const end = Date.now() + BOOT_SECONDS * 1000;
  let shown = 0;
  while (Date.now() < end) {
    const lines = existsSync(file)
      ? readFileSync(file, 'latin1')
          .split(/[\r\n]+/)
          .slice(0, -1)
      : [];
    lines.slice(shown).forEach((line) => {
      say(`  web1 console | ${line}`);
    });
    shown = lines.length;
    if (WANTED.every((wanted) => lines.some((line) => wanted.test(line)))) return;
    await sleep(250);
  }
  throw new Error(`the guest did not show its disks within ${BOOT_SECONDS} s; its console is ${file}`);
}
