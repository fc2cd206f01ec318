import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execa } from 'execa';
import type { CephSettings } from '../../lab/ceph';
import { labDown, type LabInfo, labUp } from '../../lab/lab';
import type { LabHost } from '../../lab/libvirt';
import { type ClusterSpec, type HostSpec, type Kind, SPEC_VARIABLE, type Verb } from '../../lib/model';
import { expectSaidOnce, phrasesTwice } from './said-once';

/** The script as it is shipped, built by the e2e project's global setup. */
export const BUNDLE = join(__dirname, '../../dist/lib/exec.cjs');
const FOLDER = process.env['CLC_LAB'] ?? '/var/tmp/clc-lab';

/** What specs contain unless a test says otherwise. */
export const OWNER = { project: 'test', stack: 'steps', workspace: 'default' };
export const TOKEN = '11111111-1111-4111-8111-111111111111';

/**
 * The lab that all tests share (its folder: the variable CLC_LAB), brought up if none runs. Call it once at the top of
 * a test file; the returned function gives the lab inside tests and hooks: `const lab = useLab(); ... lab().cephConf`.
 */
export function useLab({ hosts = 1 }: { readonly hosts?: 1 | 2 | 3 } = {}): () => LabInfo {
  return labFrom(() => bringUp(hosts));
}

/** A lab for one test file, whose Ceph needs settings from its first start. */
export function useOwnLab(ceph: CephSettings): () => LabInfo {
  const folder = `${FOLDER}-own`;
  const lab = labFrom(() => labUp({ folder, ceph, install: true }));
  afterAll(() => labDown(folder));
  return lab;
}

function labFrom(up: () => Promise<LabInfo>): () => LabInfo {
  let info: LabInfo | undefined;
  beforeAll(async () => {
    info = await up();
  });
  return () => {
    if (info === undefined) throw new Error('the lab is there in tests and hooks, not while they are declared');
    return info;
  };
}

/** Parallel test files may both try to bring it up. */
async function bringUp(hosts: number): Promise<LabInfo> {
  for (const deadline = Date.now() + 240_000; ; await sleep(2000)) {
    try {
      return await labUp({ folder: FOLDER, hosts, install: true });
    } catch (error) {
      if (!(error instanceof Error) || !error.message.includes("another 'up'") || Date.now() > deadline) throw error;
    }
  }
}

export interface ScriptResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface ScriptOptions {
  /** Added to the environment; undefined removes a variable. */
  readonly env?: { readonly [name: string]: string | undefined };
}

/**
 * Runs the script as Terraform does; its error says nothing twice. `spec` is completed with version, owner and entry id
 * if it lacks them.
 */
export async function runScript(
  kind: Kind,
  verb: Verb,
  spec: object | null,
  { env = {} }: ScriptOptions = {},
): Promise<ScriptResult> {
  const result = await execa(process.execPath, [BUNDLE, kind, verb], {
    env: { ...env, [SPEC_VARIABLE]: JSON.stringify(spec && completed(spec)) },
    reject: false,
    stdin: 'ignore',
  });
  // Phrases only: a client may have its pool's name, and a tool's own words repeat names.
  if (result.exitCode === 1) expectSaidOnce(result.stderr, phrasesTwice(result.stderr));
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr };
}

/** The same for a run that must succeed: throws with the script's output. */
export async function runScriptWell(kind: Kind, verb: Verb, spec: object): Promise<string> {
  const { exitCode, stdout, stderr } = await runScript(kind, verb, spec);
  if (exitCode !== 0) throw new Error(`${kind} ${verb} ended with ${exitCode}: ${stderr}\n${stdout}`);
  return stdout;
}

/** The findings of `verify`: the steps that differ, with the reason. */
export async function verifyScript(
  kind: Kind,
  spec: object,
): Promise<{ readonly ok: boolean; readonly differs: readonly { readonly step: string; readonly differs: string }[] }> {
  const { exitCode, stdout, stderr } = await runScript(kind, 'verify', spec);
  if (exitCode !== 0 && exitCode !== 2) throw new Error(`${kind} verify ended with ${exitCode}: ${stderr}`);
  return JSON.parse(stdout);
}

/** With version, owner and entry id if the spec lacks them. */
export function completed(spec: object): object {
  return { v: 1, owner: OWNER, entryId: TOKEN, ...spec };
}

/** The lab's cluster, as in specs. */
export function clusterSpec(lab: LabInfo): ClusterSpec {
  return { monitors: lab.monitors, transport: { type: 'local' }, confFile: lab.cephConf };
}

/** The words that precede those of a command that runs on one of the lab's hosts, in its mount namespace. */
export function wordsInto(lab: LabInfo, index = 0): string[] {
  return ['nsenter', '--target', String(hostOf(lab, index).mountNamespacePid), '--mount', '--'];
}

/** One of the lab's hosts, as in specs; its commands run in its mount namespace. */
export function hostSpec(lab: LabInfo, index = 0): HostSpec {
  return { uri: hostOf(lab, index).virshUri, transport: { type: 'command', prefix: wordsInto(lab, index) } };
}

/** Runs `ceph`, `rbd` or `rados` as the lab's admin; returns standard output. */
export async function cephTool(lab: LabInfo, tool: 'ceph' | 'rbd' | 'rados', ...args: string[]): Promise<string> {
  return (await execa(tool, ['--conf', lab.cephConf, ...args])).stdout;
}

/** `ceph ... --format json`, parsed. */
export async function cephJson(lab: LabInfo, ...args: string[]): Promise<any> {
  return JSON.parse(await cephTool(lab, 'ceph', ...args, '--format', 'json'));
}

/** `rbd ... --format json`, parsed. */
export async function rbdJson(lab: LabInfo, ...args: string[]): Promise<any> {
  return JSON.parse(await cephTool(lab, 'rbd', ...args, '--format', 'json'));
}

/** Runs `virsh` on one of the lab's hosts; returns standard output. */
export async function virsh(lab: LabInfo, index: number, ...args: string[]): Promise<string> {
  return (await execa('virsh', ['--quiet', '--connect', hostOf(lab, index).virshUri, ...args])).stdout;
}

function hostOf(lab: LabInfo, index: number): LabHost {
  const host = lab.hosts[index];
  if (host === undefined) throw new Error(`the lab has ${lab.hosts.length} hosts; ask useLab for more`);
  return host;
}
