import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { App, HttpBackend, TerraformStack } from 'cdktf';
import {
  CephCluster,
  CephRbdStoragePool,
  DomainType,
  Duration,
  ImageSource,
  LibvirtDriver,
  LibvirtHost,
  RbdBackedVm,
  RbdImage,
  Size,
  type Transport,
} from '../../constructs';
import type { LabInfo } from '../../lab/lab';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { type Program, run, type Sample } from './measure';

/** Pool, client, secret and storage pool of the constructs' side, and the prefix of their VMs. */
export const OURS = 'bench-ours';

export interface Way {
  readonly uri: string;
  readonly transport?: Transport;
}

export interface VmsOptions {
  readonly running?: boolean;
  /** Of the first VM, which is the one that changes. */
  readonly memory?: number;
  readonly dataSize?: number;
}

/** One stack of VMs on the lab, each with a clone and a blank data disk. */
export class Stack {
  /** The addresses of those that were made by other ways than an apply. */
  public made: readonly string[] = [];

  constructor(
    private readonly folder: string,
    private readonly lab: LabInfo,
    private readonly base: string,
    private readonly way: Way = { uri: lab.hosts[0]?.uri ?? '' },
    /** Where its state is stored; without it, in a local file. */
    private readonly stateAddress?: string,
  ) {}

  public get cwd(): string {
    return join(this.folder, 'stacks/bench');
  }

  public synth(vms: number, { running, memory = 32, dataSize = 8 }: VmsOptions = {}): this {
    const app = new App({ outdir: this.folder, context: { libvirtCephOwner: 'bench' } });
    const stack = new TerraformStack(app, 'bench');
    if (this.stateAddress === undefined) stack.addOverride('terraform.backend.local.path', 'terraform.tfstate');
    else new HttpBackend(stack, { address: this.stateAddress });
    const { transport, uri } = this.way;
    const { monitors, cephConf: confFile } = this.lab;
    const cluster = new CephCluster(stack, 'ceph', { monitors: [...monitors], confFile, transport });
    const host = new LibvirtHost(stack, 'kvm1', { uri, driver: LibvirtDriver.VIRSH, domainType: DomainType.QEMU });
    const storage = new CephRbdStoragePool(stack, OURS, { host, cluster, poolName: OURS, clientId: OURS });
    const base = new RbdImage(stack, 'base', { pool: storage.pool, source: ImageSource.file(this.base) });
    for (let i = 1; i <= vms; i++) {
      new RbdBackedVm(stack, `${OURS}-vm${i}`, {
        storage,
        vcpus: 1,
        memory: Size.mebibytes(i === 1 ? memory : 32),
        maxMemory: Size.mebibytes(48),
        rootDisk: { source: ImageSource.clone(base), size: Size.mebibytes(16) },
        dataDisks: [{ target: 'vdb', size: Size.mebibytes(i === 1 ? dataSize : 8) }],
        shutdownTimeout: Duration.seconds(1),
        running,
      });
    }
    app.synth();
    return this;
  }

  public async init(): Promise<this> {
    await this.terraform(['init']);
    return this;
  }

  public terraform(args: readonly string[], env: Program['env'] = {}): Promise<Sample> {
    return run({ argv: [terraformBinary(), ...args, '-no-color', '-input=false'], cwd: this.cwd, env });
  }

  public apply(): Promise<Sample> {
    return this.terraform(['apply', '-auto-approve']);
  }

  public destroy(): Promise<Sample> {
    return this.terraform(['destroy', '-auto-approve']);
  }

  /** Of what was wiped away without it. */
  public forget(): void {
    rmSync(join(this.cwd, 'terraform.tfstate'), { force: true });
  }

  /** The addresses of the objects. */
  public get objects(): string[] {
    const { resource } = JSON.parse(readFileSync(join(this.cwd, 'cdk.tf.json'), 'utf8')) as {
      readonly resource: { readonly terraform_data: object };
    };
    const names = Object.keys(resource.terraform_data).filter((name) => name.endsWith('_spec'));
    return names.map((name) => `terraform_data.${name}`);
  }

  /** Instances in the state. */
  public get resources(): number {
    const state = JSON.parse(readFileSync(join(this.cwd, 'terraform.tfstate'), 'utf8')) as {
      readonly resources: readonly { readonly instances: readonly unknown[] }[];
    };
    return state.resources.reduce((count, { instances }) => count + instances.length, 0);
  }
}

/** A stack with that many `terraform_data` and nothing else, applied. */
export async function bareStack(folder: string, resources: number): Promise<Program> {
  const blocks = Array.from({ length: resources }, (_, i) => [`r${i}`, { triggers_replace: { n: String(i) } }]);
  const json = { resource: { terraform_data: Object.fromEntries(blocks) as object } };
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(json));
  const terraform = (...args: string[]): Program => ({
    argv: [terraformBinary(), ...args, '-no-color', '-input=false'],
    cwd: folder,
  });
  await run(terraform('init'));
  await run(terraform('apply', '-auto-approve'));
  return terraform('plan');
}
