import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, TerraformStack } from 'cdktf';
import { execa, type ResultPromise } from 'execa';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { parseShown } from '../../lib/cli/ask-terraform';
import { readObjects, type StackObject } from '../../lib/cli/stack-objects';
import { openStack } from '../../lib/cli/terraform-stack';
import { verifyAll } from '../../lib/cli/verify';
import { Children } from '../../lib/exec/children';
import { makeTools } from '../../lib/exec/make-tools';
import { nameOfSpec, SPEC_VARIABLE } from '../../lib/model';
import type { Tools } from '../../lib/steps/tools';

/** How a command of Terraform ended; its output is standard output and error together. */
export interface Ended {
  readonly exitCode: number | undefined;
  readonly output: string;
}

const TERRAFORM = {
  all: true,
  reject: false,
  stdin: 'ignore',
  env: { CHECKPOINT_DISABLE: '1', TF_IN_AUTOMATION: '1' },
} as const;
/** The commands of Terraform that may ask questions, and so accept `-input`. */
const ASKS: ReadonlySet<string | undefined> = new Set(['init', 'plan', 'apply', 'destroy']);
/** The file with the last plan, in the stack's folder. */
export const PLAN = 'plan';

type Running = ResultPromise<typeof TERRAFORM & { cwd: string }>;

/** One stack in its own folder, deployed by plain `terraform` from what cdktf synthesizes. */
export class Deployment {
  public readonly folder = mkdtempSync(join(tmpdir(), 'clc-'));
  /** The folder in which the stack is synthesized and Terraform runs. */
  public readonly stackFolder: string;
  private initialised = '';

  constructor(
    private readonly stackName: string,
    private readonly owner = 'e2e',
  ) {
    this.stackFolder = join(this.folder, 'stacks', stackName);
  }

  /** Synthesizes the stack again; the state stays. */
  public synth(build: (stack: TerraformStack) => void): this {
    const app = new App({ outdir: this.folder, context: { libvirtCephOwner: this.owner } });
    const stack = new TerraformStack(app, this.stackName);
    // cdktf's default backend has an absolute path in the working folder; the state belongs beside the stack here.
    stack.addOverride('terraform.backend.local.path', 'terraform.tfstate');
    build(stack);
    app.synth();
    return this;
  }

  /**
   * Synthesizes, applies and expects success: afterwards every object is as its spec says, and the plan is empty. The
   * provider takes seconds for a plan, so with it only `expectWhole` looks at one.
   */
  public async deploy(build: (stack: TerraformStack) => void, ...args: string[]): Promise<string> {
    const output = await this.apply(build, ...args);
    await this.expectDeployed();
    return output;
  }

  /** The same with the last plan. */
  public async deployPlanned(): Promise<string> {
    const output = await this.must('apply', PLAN);
    await this.expectDeployed();
    return output;
  }

  private async expectDeployed(): Promise<void> {
    if (this.text().includes('"libvirt_domain"')) expect(await this.differences()).toEqual([]);
    else await this.expectWhole();
  }

  /** The same if something is left undone on purpose, or was checked in another way. */
  public async apply(build: (stack: TerraformStack) => void, ...args: string[]): Promise<string> {
    this.synth(build);
    return this.must('apply', '-auto-approve', ...args);
  }

  /** Fails unless nothing is planned, and every object is as its spec says. */
  public async expectWhole(): Promise<void> {
    // 0: no changes; reading them would start the provider again.
    const { exitCode } = await this.terraform('plan', '-detailed-exitcode');
    const planned = exitCode === 0 ? [] : await this.plannedChanges();
    const found = { planned, differences: await this.differences() };
    expect(found).toEqual({ planned: [], differences: [] });
  }

  /** Synthesizes, applies and expects a failure; returns its output. */
  public async failToDeploy(build: (stack: TerraformStack) => void, ...args: string[]): Promise<string> {
    this.synth(build);
    const { exitCode, output } = await this.terraform('apply', '-auto-approve', ...args);
    expect({ exitCode, output }).toEqual({ exitCode: 1, output });
    // Terraform wraps its errors at 78 columns, after a bar.
    return output.replace(/\n[│ ]*/g, ' ').replace(/ +/g, ' ');
  }

  public async destroy(): Promise<string> {
    return this.must('destroy', '-auto-approve');
  }

  /** Plans what is synthesized; returns the plan as people read it. */
  public plan(...args: string[]): Promise<string> {
    return this.must('plan', `-out=${PLAN}`, ...args);
  }

  /** The planned actions, 'address: create'; empty when nothing would change. */
  public async plannedChanges(...args: string[]): Promise<string[]> {
    await this.plan(...args);
    const plan = (await this.json('show', '-json', PLAN)) as {
      resource_changes?: { address: string; change: { actions: string[] } }[];
    };
    const changes = plan.resource_changes ?? [];
    return changes
      .map(({ address, change }) => `${address}: ${change.actions.join(' ')}`)
      .filter((line) => !/: (no-op|read)$/.test(line));
  }

  /**
   * Looks at every object in the state as `verify` does; returns the differences, 'web1: memory is 2 GiB, not 4 GiB'.
   */
  public async differences(): Promise<string[]> {
    const applied = await this.applied();
    const verified = await withTools((tools) => verifyAll(applied, tools));
    return verified
      .filter(({ ok }) => !ok)
      .map(({ address, differs, error }) => {
        const found = [...differs.map((one) => one.differs), ...(error === undefined ? [] : [error])];
        return `${nameOfSpec(address)}: ${found.join('; ')}`;
      });
  }

  /** The spec of every object in the state, as the script receives it, by the object's address without its type. */
  public async specs(): Promise<{ [name: string]: { readonly kind: string; readonly spec: object } }> {
    return Object.fromEntries((await this.applied()).map(({ name, kind, spec }) => [name, { kind, spec }]));
  }

  private async applied(): Promise<readonly StackObject[]> {
    await this.init();
    return withTools(async (tools) => (await readObjects(openStack(this.stackFolder), tools)).applied);
  }

  /** Runs the script as Terraform would. */
  public script(
    kind: string,
    verb: string,
    spec: object,
  ): ResultPromise<{ reject: false; env: { [name: string]: string } }> {
    const file = join(this.stackFolder, scriptOf(this.stackFolder));
    return execa('node', [file, kind, verb], { reject: false, env: { [SPEC_VARIABLE]: JSON.stringify(spec) } });
  }

  /** Runs `terraform` in the stack's folder. */
  public async terraform(command: string, ...args: string[]): Promise<Ended> {
    await this.init();
    const { exitCode, all } = await this.start(command, ...args);
    return { exitCode, output: all };
  }

  /** Starts `terraform` without waiting, for tests that kill it. */
  public start(command: string, ...args: string[]): Running {
    const options = ASKS.has(command) ? ['-input=false'] : [];
    return execa(terraformBinary(), [command, ...options, ...args, '-no-color'], {
      ...TERRAFORM,
      cwd: this.stackFolder,
    });
  }

  /** Terraform's folder must contain the providers of what is synthesized now. */
  public async init(): Promise<void> {
    const providers = JSON.stringify(/"required_providers":[^}]*}/.exec(this.text()) ?? '');
    if (this.initialised === providers) return;
    const { exitCode, all } = await this.start('init');
    if (exitCode !== 0) throw new Error(`terraform init failed:\n${all}`);
    this.initialised = providers;
  }

  /** The synthesized JSON. */
  public text(): string {
    return readFileSync(join(this.stackFolder, 'cdk.tf.json'), 'utf8');
  }

  public remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Only standard output: Terraform warns on standard error. */
  private async json(command: string, ...args: string[]): Promise<unknown> {
    await this.init();
    const { exitCode, stdout, all } = await this.start(command, ...args);
    if (exitCode !== 0)
      throw new Error(`terraform ${[command, ...args].join(' ')} ended with ${String(exitCode)}:\n${all}`);
    return parseShown(stdout);
  }

  /** Runs `terraform` and throws its output if it fails. */
  public async must(command: string, ...args: string[]): Promise<string> {
    const { exitCode, output } = await this.terraform(command, ...args);
    if (exitCode !== 0)
      throw new Error(`terraform ${[command, ...args].join(' ')} ended with ${String(exitCode)}:\n${output}`);
    return output;
  }
}

/** Closed at the end, because a running worker keeps jest from ending. */
async function withTools<T>(work: (tools: Tools) => Promise<T>): Promise<T> {
  const tools = makeTools({ children: new Children(), holder: 'test', say: () => undefined });
  try {
    return await work(tools);
  } finally {
    await tools.close();
  }
}

function scriptOf(stackFolder: string): string {
  const text = readFileSync(join(stackFolder, 'cdk.tf.json'), 'utf8');
  return /\$\{path\.module\}\/(assets\/[^ ]+\/exec\.cjs)/.exec(text)?.[1] ?? 'exec.cjs';
}
