import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { execa } from 'execa';
import { stableUuid } from '../../lib/model';
import {
  clusterSpec,
  hostSpec,
  runScript,
  runScriptWell,
  type ScriptResult,
  verifyScript,
  virsh as labVirsh,
} from './lab';
import { useImagePool, type ImagePool } from './rbd';
import { until } from './until';

type Guest = 'bootSectorImage' | 'quickGuestImage';

/** One VM of the lab on a pool, client and secret made by hand, for the tests of the steps of VMs and their disks. */
export class TestVm {
  public readonly usage: string;

  constructor(
    public readonly images: ImagePool,
    public readonly name: string,
    private readonly guest: Guest,
  ) {
    this.usage = `${name} usage`;
  }

  /** Client, secret and a bootable root image. */
  public async make(): Promise<void> {
    const { images, usage } = this;
    const caps = ['mon', 'profile rbd', 'osd', `profile rbd pool=${images.pool}`];
    await images.ceph('auth', 'get-or-create', this.entity, ...caps);
    const key = await images.ceph('auth', 'get-key', this.entity);
    const uuid = stableUuid('ceph-secret', usage);
    const secret = `<secret ephemeral='no' private='yes'><uuid>${uuid}</uuid><usage type='ceph'><name>${usage}</name></usage></secret>`;
    await this.given(secret, 'secret-define', '/dev/stdin');
    await this.given(key, 'secret-set-value', uuid, '--file', '/dev/stdin');
    await images.rbd('import', '--no-progress', images.lab()[this.guest], this.image('root'));
  }

  public async end(): Promise<void> {
    await this.clear();
    await this.virsh('secret-undefine', stableUuid('ceph-secret', this.usage));
    await this.images.ceph('auth', 'del', this.entity);
  }

  /** Removes everything of the VM. */
  public async clear(): Promise<void> {
    const names = (await this.virsh('list', '--all', '--name')).split('\n');
    if (!names.includes(this.name)) return;
    if ((await this.state()) !== 'shut off') await this.virsh('destroy', this.name);
    const left = (await this.virsh('list', '--all', '--name')).split('\n');
    if (left.includes(this.name)) await this.virsh('undefine', '--managed-save', '--nvram', this.name);
  }

  public spec(fields: object = {}): object {
    return { ...this.access(), ...this.fields(), ...fields };
  }

  /** What both a VM and an attached disk need. */
  public access(): object {
    const lab = this.images.lab();
    const entity = this.entity.replace('client.', '');
    const access = { monitors: lab.monitors, clientId: entity, secretUsage: this.usage };
    return { host: hostSpec(lab), cluster: clusterSpec(lab), ...access };
  }

  public removal(fields: object = {}): object {
    const { host } = this.access() as { host: object };
    return { host, name: this.name, uuid: stableUuid('domain', this.name), shutdownTimeout: '2 seconds', ...fields };
  }

  public image(name: string): string {
    return `${this.images.pool}/${name}`;
  }

  public ensure(fields: object = {}): Promise<string> {
    return runScriptWell('domain', 'ensure', this.spec(fields));
  }

  public attempt(fields: object = {}): Promise<ScriptResult> {
    return runScript('domain', 'ensure', this.spec(fields));
  }

  /** The findings of `verify`, as one text. */
  public async differs(fields: object = {}): Promise<string> {
    const { differs } = await verifyScript('domain', this.spec(fields));
    return differs.map((one) => one.differs).join('; ');
  }

  public virsh(...args: string[]): Promise<string> {
    return labVirsh(this.images.lab(), 0, ...args);
  }

  /** With standard input, through a pipe: virsh cannot open the socket that Node.js provides. */
  public async given(input: string, ...args: string[]): Promise<void> {
    const uri = this.images.lab().hosts[0]?.virshUri ?? '';
    await execa('sh', ['-c', 'cat | virsh --quiet --connect "$@"', 'sh', uri, ...args], { input });
  }

  public async state(): Promise<string> {
    return (await this.virsh('domstate', this.name)).trim();
  }

  public xml(...flags: string[]): Promise<string> {
    return this.virsh('dumpxml', ...flags, this.name);
  }

  /** The targets in the definition, and in the running VM. */
  public async targets(...flags: string[]): Promise<string[]> {
    const rows = (await this.virsh('domblklist', ...flags, this.name)).split('\n');
    return rows.map((row) => row.trim().split(/\s+/)[0] ?? '').filter(Boolean);
  }

  /**
   * What the host stores below /var/lib/libvirt under a name that contains `name`, each with what distinguishes it from
   * another.
   */
  public stored(folder: string, name: string): string[] {
    const parent = join(this.images.lab().folder, 'kvm1/var/lib/libvirt', folder);
    const names = existsSync(parent) ? readdirSync(parent).filter((one) => one === name) : [];
    return names.map((one) => `${one} ${statSync(join(parent, one)).ino}`);
  }

  public get logFile(): string {
    return `/var/log/libvirt/${this.name}.log`;
  }

  /** Waits until the guest of the latest start can hear a shutdown request. */
  public async booted(from: number): Promise<void> {
    await until('the guest boots', () => this.log().slice(from).includes('DISK vda BOOTS'));
  }

  public log(): string {
    const folder = this.images.lab().hosts[0]?.logFolder ?? '';
    try {
      return readFileSync(join(folder, `${this.name}.log`), 'utf8');
    } catch {
      return '';
    }
  }

  /** When QEMU was last started, by libvirt's own log of the VM; in milliseconds, like `Date.now()`. */
  public startedAt(): number {
    const log = readFileSync(join(this.images.lab().hosts[0]?.logFolder ?? '', 'qemu', `${this.name}.log`), 'utf8');
    const [, day, time] = [...log.matchAll(/^(\S+) ([\d:.]+)\+0000: starting up/gm)].at(-1) ?? [];
    return Date.parse(`${String(day)}T${String(time)}Z`);
  }

  private get entity(): string {
    return `client.${this.name}`;
  }

  private fields(): object {
    return {
      name: this.name,
      uuid: stableUuid('domain', this.name),
      domainType: 'qemu',
      vcpus: 1,
      memory: '256 MiB',
      disks: { vda: { image: this.image('root'), bus: 'virtio' } },
      serialLogFile: this.logFile,
      running: true,
      autostart: false,
      shutdownTimeout: '2 seconds',
      restartPolicy: 'next-boot',
      driver: 'virsh',
    };
  }
}

/**
 * A separate VM for a test file; `images` are made blank beside its root image. Only a guest with a system releases a
 * PCI device.
 */
export function useVm(name: string, images: readonly string[], guest: Guest = 'bootSectorImage'): TestVm {
  const vm = new TestVm(useImagePool(name), name, guest);
  beforeAll(async () => {
    await vm.make();
    for (const image of images) await vm.images.rbd('create', '--size', '16M', vm.image(image));
  });
  afterAll(() => vm.end());
  return vm;
}
