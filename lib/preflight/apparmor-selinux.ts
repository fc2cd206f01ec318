import { dirname } from 'node:path';
import type { ClientConfigSpec, HostSpec } from '../model';
import { findAll, parseXml } from '../render/xml';
import { onHost } from '../steps/commands';
import type { Tools } from '../steps/tools';
import { type Found, warns } from './finding';
import { ofKind, type Wanted } from './places';

const RULES = '/etc/apparmor.d/local/abstractions/libvirt-qemu';

/** Whether AppArmor or SELinux keeps QEMU from writing what the stack wants it to write: VMs would start without it. */
export async function confinement(
  host: HostSpec,
  capabilities: string,
  objects: readonly Wanted[],
  tools: Tools,
): Promise<Found[]> {
  const files = writtenFiles(objects);
  if (files.length === 0) return [];
  const drivers = securityDrivers(capabilities);
  if (drivers.includes('apparmor')) {
    const { stdout } = await tools.attempt(onHost(host, 'sh', '-c', `cat ${RULES} ${RULES}.d/* 2>/dev/null; true`));
    return judgeAppArmor(files, stdout);
  }
  if (!drivers.includes('selinux')) return [];
  const folders = [...new Set(files.map((file) => dirname(file)))];
  const { stdout } = await tools.attempt(
    onHost(host, 'sh', '-c', 'ls -dZ -- "$@" 2>/dev/null; true', 'sh', ...folders),
  );
  return judgeSelinux(folders, stdout);
}

/** The log file and the admin socket of the Ceph client in QEMU. */
function writtenFiles(objects: readonly Wanted[]): string[] {
  const configs = ofKind<ClientConfigSpec>(objects, 'client-config').map(({ spec }) => spec);
  return configs.flatMap(({ logFile, adminSocket }) => [logFile, adminSocket].filter((one) => one !== undefined));
}

/** The security drivers with which libvirt confines QEMU, 'apparmor'. */
export function securityDrivers(capabilities: string): string[] {
  const models = findAll(parseXml(capabilities), 'host/secmodel/model');
  return models.flatMap(({ children }) => children.filter((one): one is string => typeof one === 'string'));
}

export function judgeAppArmor(files: readonly string[], rules: string): Found[] {
  const missing = files.filter((file) => !rules.includes(`${dirname(file)}/`));
  if (missing.length === 0) return [];
  const lines = missing.map((file) => `${file.replace(/\$\w+/g, '*')} rw,`);
  return [
    warns(
      `AppArmor does not let QEMU write ${missing.join(' and ')}: VMs start, but without that log file or socket`,
      `printf '%s\\n' ${lines.map((line) => `'${line}'`).join(' ')} >> ${RULES}`,
    ),
  ];
}

/** A label that QEMU's own domain may write to, in the names of libvirt's policy. */
const WRITABLE = /:(?:svirt_image_t|virt_log_t|virt_var_run_t|svirt_tmp_t|qemu_var_run_t):/;

export function judgeSelinux(folders: readonly string[], labels: string): Found[] {
  const lines = labels.split('\n');
  const denied = folders.filter((folder) => !WRITABLE.test(lines.find((line) => line.endsWith(` ${folder}`)) ?? ''));
  return denied.map((folder) =>
    warns(
      `SELinux may not let QEMU write to ${folder}: VMs start, but without that log file or socket`,
      `semanage fcontext -a -t svirt_image_t '${folder}(/.*)?' && restorecon -R ${folder}`,
    ),
  );
}
