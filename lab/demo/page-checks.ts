import { execa } from 'execa';
import type { LabInfo } from '../lab';
import { say } from './report';

/** The checks at the end of the Ceph page, with the page's own commands. Throws if one fails. */
export async function showPageChecks(lab: LabInfo): Promise<void> {
  const virsh = ['virsh', '--quiet', '--connect', lab.hosts[0]?.virshUri ?? ''];
  const conf = ['--conf', lab.cephConf];
  await check('ceph health', ['ceph', ...conf, 'health'], /^HEALTH_(OK|WARN)/m);
  await check('rbd ls libvirt-pool', ['rbd', ...conf, 'ls', 'libvirt-pool'], /^web1-root$/m);
  await check('virsh list', [...virsh, 'list'], /\bweb1\s+running\b/);
  const block = ['qemu-monitor-command', '--hmp', 'web1', 'info block'];
  await check("virsh qemu-monitor-command --hmp web1 'info block'", [...virsh, ...block], /(?=.*\brbd\b).*web1-root/);
  await check('virsh pool-info storage', [...virsh, 'pool-info', 'storage'], /State:\s+running/);
}

async function check(shown: string, [command = '', ...args]: readonly string[], expected: RegExp): Promise<void> {
  const { stdout } = await execa(command, args);
  say(`  $ ${shown}\n${stdout.replace(/^/gm, '    ')}`);
  if (!expected.test(stdout)) throw new Error(`'${shown}' does not show ${String(expected)}`);
}
