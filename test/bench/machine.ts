import { execFileSync } from 'node:child_process';
import { cpus, release, totalmem } from 'node:os';
import { terraformBinary } from '../../lib/cli/terraform-stack';

/**
 * "2 cores (Intel ...), 24 GiB, Linux 6.1, Node.js 20.20.0, Terraform v1.11.4, ceph 16.2.15, libvirt 9.0.0, QEMU 7.2":
 * what it was measured on.
 */
export function machine(): string {
  const [model = 'unknown'] = cpus().map((cpu) => cpu.model.trim());
  return [
    `${cpus().length} cores (${model}), ${(totalmem() / 2 ** 30).toFixed(0)} GiB`,
    `Linux ${release()}`,
    `Node.js ${process.versions.node}`,
    version(terraformBinary(), 'version', /Terraform v\S+|OpenTofu v\S+/),
    version('ceph', '--version', /ceph version [\d.]+/),
    version('virsh', '--version', /[\d.]+/, 'libvirt '),
    version('qemu-system-x86_64', '--version', /version [\d.]+/, 'QEMU '),
  ].join(', ');
}

function version(tool: string, option: string, pattern: RegExp, name = ''): string {
  try {
    const said = execFileSync(tool, [option], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
    return `${name}${pattern.exec(said)?.[0] ?? 'unknown'}`;
  } catch {
    return `${name || `${tool} `}not there`;
  }
}
