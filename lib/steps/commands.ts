import { type ClusterSpec, type HostSpec, parseSize } from '../model';
import type { Command } from './tools';

/** Seconds that a Ceph command looks for a monitor that answers; the whole command must give up within 30. */
const CONNECT_TIMEOUT = 15;
/** Seconds that `ceph` waits for a monitor's reply: its connect timeout no longer applies once it is connected. */
const ANSWER_TIMEOUT = 12;

/** `ceph`, as the cluster's administrator. */
export function ceph(cluster: ClusterSpec, ...args: string[]): Command {
  return cephTool(
    cluster,
    ['ceph', `--connect-timeout=${CONNECT_TIMEOUT}`, `--rados-mon-op-timeout=${ANSWER_TIMEOUT}`],
    args,
  );
}

/** `rbd`, as the cluster's administrator. */
export function rbd(cluster: ClusterSpec, ...args: string[]): Command {
  return cephTool(cluster, ['rbd', `--client-mount-timeout=${CONNECT_TIMEOUT}`], args);
}

/** `rados`, as the cluster's administrator. */
export function rados(cluster: ClusterSpec, ...args: string[]): Command {
  return cephTool(cluster, ['rados', `--client-mount-timeout=${CONNECT_TIMEOUT}`], args);
}

/** `ceph-conf`: what the commands' configuration says, without asking the cluster. */
export function cephConf(cluster: ClusterSpec, ...args: string[]): Command {
  return cephTool(cluster, ['ceph-conf'], args);
}

/** `virsh` on a libvirt host; it runs here and reaches the host by its URI. */
export function virsh(host: HostSpec, ...args: string[]): Command {
  return { argv: ['virsh', '--quiet', '--connect', host.uri, ...args], transport: { type: 'local' } };
}

/** A command on the libvirt host itself. */
export function onHost(host: HostSpec, ...argv: string[]): Command {
  return { argv, transport: host.transport };
}

function cephTool(cluster: ClusterSpec, tool: readonly string[], args: readonly string[]): Command {
  return { argv: [...tool, ...adminOptions(cluster), ...args], transport: cluster.transport };
}

/** An amount as `rbd` and virsh accept it, "20 GiB" or bytes. */
export function inBytes(amount: string | number): string {
  return `${typeof amount === 'string' ? parseSize(amount) : amount}B`;
}

/** The options with which Ceph's commands connect to the cluster as its administrator. */
export function adminOptions({ confFile, adminId, keyringFile }: ClusterSpec): string[] {
  return [
    ...(confFile === undefined ? [] : ['--conf', confFile]),
    ...(adminId === undefined ? [] : ['--id', adminId]),
    ...(keyringFile === undefined ? [] : ['--keyring', keyringFile]),
  ];
}

/** A command as a person would type it, for messages: without the connection's options. */
export function commandText(...argv: string[]): string {
  return argv.map(quotedWord).join(' ');
}

/** A word as a shell takes it literally, in quotes only if it needs them. */
export function quotedWord(word: string): string {
  return /^[\w./:@=,+-]+$/.test(word) ? word : `'${word.replace(/'/g, `'\\''`)}'`;
}

/** `virsh` on a host, as a person would type it elsewhere. */
export function virshLine({ uri }: Pick<HostSpec, 'uri'>, ...argv: string[]): string {
  return `virsh --connect ${uri} ${argv.join(' ')}`;
}
