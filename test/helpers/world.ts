import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TerraformStack } from 'cdktf';
import { execa } from 'execa';
import {
  CephCluster,
  type CephClusterProps,
  DomainType,
  LibvirtDriver,
  LibvirtHost,
  type LibvirtHostProps,
} from '../../constructs';
import type { LabInfo } from '../../lab/lab';
import { clearCeph, clearHost } from './clear';

/** A cluster and a host of the lab, as constructs of a stack. */
export function world(
  stack: TerraformStack,
  lab: LabInfo,
  driver = LibvirtDriver.VIRSH,
): { ceph: CephCluster; host: LibvirtHost } {
  return { ceph: labCluster(stack, lab), host: labHost(stack, lab, { driver }) };
}

/** The lab's cluster; a stack may reach it in more than one way, each through its own construct. */
export function labCluster(
  stack: TerraformStack,
  lab: LabInfo,
  { id = 'ceph', transport }: { readonly id?: string; readonly transport?: CephClusterProps['transport'] } = {},
): CephCluster {
  return new CephCluster(stack, id, { monitors: [...lab.monitors], confFile: lab.cephConf, transport });
}

/** One of the lab's hosts, by default the first: 'kvm1'. With VIRSH, unless `props` say otherwise. */
export function labHost(
  stack: TerraformStack,
  lab: LabInfo,
  props: Partial<LibvirtHostProps> = {},
  index = 0,
): LibvirtHost {
  const uri = lab.hosts[index]?.uri ?? '';
  const place = { uri, driver: LibvirtDriver.VIRSH, domainType: DomainType.QEMU };
  return new LibvirtHost(stack, `kvm${index + 1}`, { ...place, ...props });
}

/** The administrator's own tools, as on Ceph's page. */
export class Admin {
  constructor(private readonly lab: LabInfo) {}

  public ceph(...args: string[]): Promise<string> {
    return run('ceph', '--conf', this.lab.cephConf, ...args);
  }

  public rbd(...args: string[]): Promise<string> {
    return run('rbd', '--conf', this.lab.cephConf, ...args);
  }

  public rados(...args: string[]): Promise<string> {
    return run('rados', '--conf', this.lab.cephConf, ...args);
  }

  public virsh(...args: string[]): Promise<string> {
    return run('virsh', '--quiet', '--connect', this.lab.hosts[0]?.virshUri ?? '', ...args);
  }

  /** Those of the given objects that exist: domains, secrets, storage pools, clients, pools and images, by name. */
  public async inventory(prefix: string): Promise<string[]> {
    const lines = async (what: string, output: Promise<string>): Promise<string[]> =>
      (await output)
        .split('\n')
        .filter((line) => line.includes(prefix))
        .map((line) => `${what} ${line.trim()}`);
    const script = join(__dirname, 'inventory-ceph.py');
    const inCeph = JSON.parse(await run('/usr/bin/python3', script, this.lab.cephConf, prefix)) as string[];
    return [
      ...(await lines('domain', this.virsh('list', '--all', '--name'))),
      ...(await lines('secret', this.virsh('secret-list')).then((all) =>
        all.map((line) => line.replace(/^secret \S+ +\S+ +/, 'secret ')),
      )),
      ...(await lines('storage-pool', this.virsh('pool-list', '--all', '--name'))),
      ...inCeph,
    ].sort();
  }

  /** Removes what a stack retains by design: pools with the images in their trash, and the marks of both. */
  public async wipe(...pools: readonly string[]): Promise<void> {
    await clearCeph(this.lab, { pools });
  }

  /**
   * Removes VMs, storage pools, secrets, clients and pools whose names begin in one of these ways, with their marks:
   * what a test leaves, in a fraction of the time of a `terraform destroy`.
   */
  public async clear(...prefixes: readonly string[]): Promise<void> {
    for (const host of this.lab.hosts) await clearHost(host, prefixes);
    await clearCeph(this.lab, { prefixes });
  }

  /** Fills the first 64 KiB of a running VM's virtio disk with a letter, as a guest would. */
  public async write(vm: string, target: string, letter: string): Promise<void> {
    const disk = `/machine/peripheral/ua-cdktf-${target}/virtio-backend`;
    for (const command of [`write -P ${letter.charCodeAt(0)} 0 64k`, 'flush']) {
      const said = await this.virsh('qemu-monitor-command', vm, '--hmp', `qemu-io -d ${disk} "${command}"`);
      // The monitor succeeds whatever happens.
      if (said.trim() !== '') throw new Error(`${vm} ${target}: ${said}`);
    }
  }

  /** The first 64 bytes of an image or a snapshot. */
  public async firstBytes(image: string): Promise<string> {
    const exported = ['export', '--no-progress', image, '-'];
    const { stdout } = await execa('rbd', ['--conf', this.lab.cephConf, ...exported], { encoding: 'buffer' });
    return Buffer.from(stdout).subarray(0, 64).toString('latin1');
  }

  /** Ceph's own id of an image, which a new one of the same name would not have. */
  public async imageId(image: string): Promise<string> {
    return (JSON.parse(await this.rbd('info', '--format', 'json', image)) as { id: string }).id;
  }

  /** Fails unless an image contains what a file does, and no more. */
  public async compare(image: string, file: string): Promise<void> {
    const line = 'set -o pipefail; rbd --conf "$1" export --no-progress "$2" - | cmp - "$3"';
    await execa('bash', ['-c', line, 'bash', this.lab.cephConf, image, file]);
  }

  /** How many clients have an image open. */
  public async watchers(image: string): Promise<number> {
    const { watchers } = JSON.parse(await this.rbd('status', '--format', 'json', image)) as { watchers: unknown[] };
    return watchers.length;
  }

  /** The lines of a VM's serial console so far, without an incomplete last one. */
  public console(file: string): string[] {
    const path = join(this.lab.hosts[0]?.logFolder ?? '', 'qemu', file);
    return existsSync(path)
      ? readFileSync(path, 'latin1')
          .split(/[\r\n]+/)
          .slice(0, -1)
      : [];
  }

  /** Waits until the console shows a line; returns it. Fails with the last lines after two minutes. */
  public async seen(file: string, wanted: RegExp, from = 0): Promise<string> {
    for (const end = Date.now() + 120_000; Date.now() < end; await sleep(250)) {
      const line = this.console(file)
        .slice(from)
        .find((one) => wanted.test(one));
      if (line !== undefined) return line;
    }
    throw new Error(`the console ${file} did not show ${String(wanted)}:\n${this.console(file).slice(-20).join('\n')}`);
  }
}

async function run(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await execa(command, args, { stdin: 'ignore' });
  return stdout;
}
