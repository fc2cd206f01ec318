import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ClusterSpec, monitorsIn, virshUri } from '../../model';
import type { Command, Tools } from '../../steps/tools';
import type { DomainType } from './answers';

/** Seconds that a cluster or a host has to answer. */
const PATIENCE = 10;
const CONF_FILE = '/etc/ceph/ceph.conf';

type Transport = ClusterSpec['transport'];

/** A tool's output; undefined if it is missing, fails or does not answer. */
async function ask(tools: Tools, argv: readonly string[], transport: Transport = { type: 'local' }) {
  const command: Command = { argv, transport };
  const outcome = await tools.attempt(command, { timeout: PATIENCE }).catch(() => undefined);
  return outcome?.exitCode === 0 ? outcome.stdout.trim() : undefined;
}

/** The monitors that the cluster itself reports, or those in its configuration here. */
export async function findMonitors(tools: Tools, transport: Transport, confFile = CONF_FILE): Promise<string[]> {
  const printed = await ask(tools, ['ceph', '--conf', confFile, 'mon', 'dump', '--format', 'json'], transport);
  return named(printed) ?? (transport.type === 'local' ? inConfiguration(confFile) : undefined) ?? [];
}

function named(printed: string | undefined): string[] | undefined {
  try {
    const dump = JSON.parse(printed ?? '') as { readonly mons?: readonly { readonly public_addrs?: Addresses }[] };
    const texts = (dump.mons ?? []).map(({ public_addrs }) => addressText(public_addrs?.addrvec ?? []));
    return texts.length === 0 ? undefined : monitorsIn(texts.join(' '));
  } catch {
    return undefined;
  }
}

interface Addresses {
  readonly addrvec?: readonly { readonly type: string; readonly addr: string }[];
}

function addressText(addresses: NonNullable<Addresses['addrvec']>): string {
  return `[${addresses.map(({ type, addr }) => `${type}:${addr}`).join(',')}]`;
}

function inConfiguration(file: string): string[] | undefined {
  try {
    const line = /^\s*mon[_ ]host\s*=\s*(.+)$/m.exec(readFileSync(file, 'utf8'))?.[1];
    return line === undefined ? undefined : monitorsIn(line);
  } catch {
    return undefined;
  }
}

/** virsh's default host. */
export async function findHost(tools: Tools): Promise<string | undefined> {
  return ask(tools, ['virsh', 'uri']);
}

/** An active network there, preferably 'default'. */
export async function findNetwork(tools: Tools, uri: string): Promise<string | undefined> {
  const printed = (await ask(tools, ['virsh', '--connect', virshUri(uri), 'net-list', '--name'])) ?? '';
  const names = printed.split('\n').filter((name) => name.trim() !== '');
  return names.find((name) => name === 'default') ?? names[0];
}

/** The public key of the current user. */
export function findSshKey(home: string): string | undefined {
  for (const name of ['id_ed25519.pub', 'id_ecdsa.pub', 'id_rsa.pub']) {
    try {
      return readFileSync(join(home, '.ssh', name), 'utf8').trim();
    } catch {
      // the next one
    }
  }
  return undefined;
}

/** Whether the host has hardware virtualization; assumed if it does not answer. */
export async function findDomainType(tools: Tools, uri: string): Promise<DomainType> {
  const printed = await ask(tools, ['virsh', '--connect', virshUri(uri), 'capabilities']);
  return printed === undefined || /<domain type=['"]kvm['"]/.test(printed) ? 'kvm' : 'qemu';
}
