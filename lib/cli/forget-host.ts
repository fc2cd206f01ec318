import { type ClusterSpec, type DomainSpec, type HostSpec, parseImageSpec } from '../model';
import { virsh } from '../steps/commands';
import { Refusal } from '../steps/tools';
import { refuseWatchers } from '../steps/watchers';
import { onCluster } from '../exec/unreachable-monitors';
import { stateResources, type StateResource } from './ask-terraform';
import { type Result, type Session } from './command-session';
import { ofKind } from './stack-objects';
import { terraformBinary } from './terraform-stack';

/** Seconds that a host has to answer: a dead machine does not refuse a connection, it just does not answer. */
const HOST_TIMEOUT = 20;
const REGISTRY =
  /^terraform_data\.(?<host>.+)_(?<what>secrets|client_configs|storage_pools|disk_attachments|domains|domain_stops)\[/;

/** What the state has about one host: entries whose removal needs the host. */
export interface HostState {
  readonly host: HostSpec;
  readonly addresses: readonly string[];
  /** The names of its VMs. */
  readonly vms: readonly string[];
}

/**
 * Prints the command that makes the state forget a host that is gone for good, because its removals can no longer run.
 * The host must not answer and no image of its VMs may be open, or a VM might still run there and be started a second
 * time elsewhere. Changes nothing.
 */
export async function forgetHost(session: Session, name: string): Promise<Result> {
  const { stack, tools } = session;
  const held = hostIn(await stateResources(stack, tools), name);
  await refuseAlive(session, name, held.host);
  for (const { cluster, image } of await imagesOf(session, held.vms)) {
    await onCluster(cluster, tools, () => refuseWatchers(tools, cluster, parseImageSpec(image), 'left behind'));
  }
  const words = held.addresses.map((address) => `'${address}'`).join(' ');
  const lines = [
    `# Host '${name}' (${held.host.uri}) does not answer, and no image of its VMs is open.`,
    '# Make sure that it stays off. Then run this, remove the host from the code, and apply:',
    `${terraformBinary()} -chdir=${stack.folder} state rm ${words}`,
  ];
  return { json: { host: name, uri: held.host.uri, vms: held.vms, addresses: held.addresses }, lines };
}

/** Throws if the state has nothing about a host of that name. */
export function hostIn(resources: readonly StateResource[], name: string): HostState {
  const entries = resources.flatMap((one) => {
    const { host, what } = REGISTRY.exec(one.address)?.groups ?? {};
    const input = one.values['input'] as { readonly host?: HostSpec; readonly name?: string } | undefined;
    return host === undefined || input?.host === undefined ? [] : [{ address: one.address, host, what, input }];
  });
  const known = [...new Set(entries.map(({ host }) => host))].sort();
  const ours = entries.filter(({ host }) => host === name);
  const first = ours[0]?.input.host;
  if (first === undefined) {
    throw new Refusal(
      `the state has no host '${name}'`,
      `its hosts are: ${known.join(', ') || 'none'}`,
      'host-unknown',
    );
  }
  const provider = resources.filter(({ type, name: id }) => type.startsWith('libvirt_') && hostOf(id, known) === name);
  return {
    host: first,
    addresses: [...ours, ...provider].map(({ address }) => address),
    vms: ours.flatMap(({ what, input }) => (what === 'domains' && input.name !== undefined ? [input.name] : [])),
  };
}

/** A provider resource is named '<host>-<path>': with hosts 'kvm' and 'kvm-b', the longer match counts. */
function hostOf(id: string, hosts: readonly string[]): string | undefined {
  return hosts.filter((host) => id.startsWith(`${host}-`)).sort((a, b) => b.length - a.length)[0];
}

async function refuseAlive({ tools }: Session, name: string, host: HostSpec): Promise<void> {
  const { exitCode } = await tools.attempt(virsh(host, 'version'), { timeout: HOST_TIMEOUT });
  if (exitCode !== 0) return;
  throw new Refusal(
    `host '${name}' answers at ${host.uri}`,
    'remove its objects from the code and apply, then remove the host; only a host that is gone for good can be forgotten',
    'host-answers',
  );
}

/** The images that the VMs write to, as of their last apply. */
async function imagesOf(session: Session, vms: readonly string[]): Promise<{ cluster: ClusterSpec; image: string }[]> {
  const domains = ofKind<DomainSpec>(await session.objects(), 'domain').filter(({ spec }) => vms.includes(spec.name));
  const unknown = vms.filter((vm) => !domains.some(({ spec }) => spec.name === vm));
  if (unknown.length > 0) {
    throw new Refusal(
      `the images of ${unknown.map((vm) => `VM '${vm}'`).join(', ')} are unknown, because the code no longer has it`,
      'put it back into the code (on another host, if you like) and synthesize, then try again',
      'host-images-unknown',
    );
  }
  return domains.flatMap(({ spec: { cluster, disks } }) =>
    Object.values(disks)
      .filter(({ readOnly, cdrom }) => !readOnly && !cdrom)
      .map(({ image }) => ({ cluster, image })),
  );
}
