import type { ClusterSpec, HostSpec } from '../model';
import { adminOptions } from './commands';
import { shellLine, type Word } from './runbook-words';

export function cephLine(cluster: ClusterSpec, ...words: Word[]): string {
  return shellLine(cluster.transport, ['ceph', ...adminOptions(cluster), ...words]);
}

export function rbdLine(cluster: ClusterSpec, ...words: Word[]): string {
  return shellLine(cluster.transport, ['rbd', ...adminOptions(cluster), ...words]);
}

export function radosLine(cluster: ClusterSpec, ...words: Word[]): string {
  return shellLine(cluster.transport, ['rados', ...adminOptions(cluster), ...words]);
}

/** `virsh` runs here and reaches the host by its URI. */
export function virshLine(host: HostSpec, ...words: Word[]): string {
  return localLine('virsh', '--connect', host.uri, ...words);
}

/** A command that runs on the libvirt host itself. */
export function hostLine(host: HostSpec, ...words: Word[]): string {
  return shellLine(host.transport, words);
}

export function localLine(...words: Word[]): string {
  return shellLine({ type: 'local' }, words);
}

/** A command with a text on its standard input, byte for byte. */
export function withText(command: string, text: string, name: string): string[] {
  const lines = text.trimEnd().split('\n');
  let end = name;
  // If a line of the text equalled the delimiter, the rest would become commands.
  while (lines.includes(end)) end += '_';
  return [`${command} <<'${end}'`, ...lines, end];
}

/** What a command prints, in a variable of the shell. */
export function assigned(variable: string, command: string): string {
  return `${variable}=$(${command})`;
}

/** Ends the runbook unless whoever runs it has set the variable, because only an apply knows its value. */
export function supplied(variable: string, what: string): string {
  return `: "\${${variable}:?${what.replace(/[^\w ./:,-]/g, '')}}"`;
}

/** A file in the runbook's own folder, which is removed when it ends. */
export function inFolder(name: string): Word {
  return [{ variable: 'folder' }, `/${name}`];
}

/** A comment; it stays on one line, whatever a name contains. */
export function comment(text: string): string {
  return `# ${text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')}`;
}
