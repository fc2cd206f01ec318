import { CephError, EACCES, EPERM } from '../ceph';
import { type Command, Refusal, ToolError } from '../steps/tools';
import { Stopped } from './children';
import { placeOf } from './place';

/** Longer words, such as a mark or a definition, are shortened in a message. */
const LONGEST_WORD = 80;
const LAST_LINES = 3;
/** What to do, and the stable code of that kind of problem: docs/troubleshooting.md has an entry for each. */
interface Advice {
  readonly code: string;
  readonly next: string;
}
const CEPH_WAITS: Advice = {
  code: 'ceph-waits',
  next: `'ceph health detail' shows what it waits for (OSDs that are full or down); fix that and apply again`,
};
const MAY_NOT: Advice = {
  code: 'not-permitted',
  next: 'give the user and the cephx ID of the commands permission for this, then apply again',
};
const GOES_ON = 'fix that and apply again; what was done so far is kept';
const CEPH_FAILED: Advice = { code: 'ceph-failed', next: GOES_ON };
/** Exit code of what died of SIGKILL. */
const SLAIN = 137;
const KILLED: Advice = {
  code: 'killed',
  next: `something killed it, perhaps the kernel because memory ran out ('journalctl -k' there shows it); apply again to go on`,
};
const TOOL_FAILED: Advice = { code: 'tool-failed', next: GOES_ON };
/** Date, thread and level at the start of a line from Ceph's libraries. */
const LOG_PREFIX = /^\d{4}-\d\d-\d\dT\S+ [0-9a-f]+ +-?\d+ /;

/**
 * One line for standard error: "error[image-in-use]: " and `errorText`. The code comes first, because a text often ends
 * with a command that people copy up to the end of the line.
 */
export function errorLine(title: string, doing: string | undefined, error: unknown): string {
  return `error[${codeOf(error)}]: ${errorText(title, doing, error)}`;
}

/** The kind of problem. */
export function codeOf(error: unknown): string {
  if (error instanceof Refusal) return error.code;
  if (error instanceof ToolError) return adviceFor(error).code;
  if (error instanceof CephError) return adviceAfterCeph(error).code;
  if (error instanceof Stopped) return error.cause === undefined ? 'stopped' : codeOf(error.cause);
  return error instanceof TypeError ? 'spec' : 'unexpected';
}

/** The object, what was being done, what the tool said and what to do next, each once. */
export function errorText(title: string, doing: string | undefined, error: unknown): string {
  const text = said(error);
  if (text.startsWith(`${title} `)) return oneLine(text);
  const rest = text.startsWith(`${title}: `) ? text.slice(title.length + 2) : text;
  return oneLine([title, ...(doing === undefined ? [] : [doing]), rest].join(': '));
}

/** A message about an object, which may already name it. */
export function about(title: string, text: string): string {
  return [' ', ': '].some((end) => text.startsWith(title + end)) ? text : `${title}: ${text}`;
}

/** Never more than one line, never a key. */
export function oneLine(text: string): string {
  const line = text
    .replace(/\s*[\r\n]+\s*/g, ' | ')
    .replace(/\p{Cc}/gu, ' ')
    .trim();
  return line.replace(/\bA[A-Za-z0-9+/]{37,58}={1,2}/g, '(key)');
}

function said(error: unknown): string {
  if (error instanceof ToolError) return toolSaid(error);
  if (error instanceof CephError) return cephSaid(error);
  if (error instanceof Stopped && error.cause !== undefined) return `${error.message}: ${said(error.cause)}`;
  if (error instanceof Stopped) return `${error.message}; nothing is lost, apply again to go on`;
  return error instanceof Error ? error.message : String(error);
}

function cephSaid(error: CephError): string {
  return `${error.message.replaceAll('\n', ' | ')}; ${adviceAfterCeph(error).next}`;
}

function adviceAfterCeph({ errno, said }: CephError): Advice {
  if (/did not end within \d+ seconds/.test(said)) return CEPH_WAITS;
  if (errno === EPERM || errno === EACCES) return MAY_NOT;
  return CEPH_FAILED;
}

function toolSaid(error: ToolError): string {
  const { command, outcome } = error;
  const lines = outcome.stderr
    .trim()
    .split(/[\r\n]+/)
    .slice(-LAST_LINES);
  const last = lines.map((line) => line.replace(LOG_PREFIX, '')).join(' | ') || 'it said nothing';
  const where = placeOf(command.transport);
  return `'${shown(command)}' ${where} ended with ${outcome.exitCode}: ${last}; ${adviceFor(error).next}`;
}

function shown({ argv }: Command): string {
  return argv.map((word) => (word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}...` : word)).join(' ');
}

/** What the administrator can do about it, judging by the tool's message. */
function adviceFor({ command: { argv, transport }, outcome: { stderr, exitCode } }: ToolError): Advice {
  if (/did not end within \d+ seconds/.test(stderr) && ['ceph', 'rbd', 'rados'].includes(argv[0] ?? '')) {
    return CEPH_WAITS;
  }
  if (exitCode === SLAIN) return KILLED;
  if (transport.type === 'ssh' && exitCode === 255) {
    const next = `make sure that 'ssh -o BatchMode=yes ${transport.destination} true' works from here, then apply again`;
    return { code: 'ssh', next };
  }
  const socket = /Failed to connect socket to '[^']*\/([\w-]+)-sock(?:-ro)?'/.exec(stderr)?.[1];
  if (socket !== undefined) return libvirtUnit(socket);
  if (/password is required|a terminal is required/.test(stderr)) {
    return { code: 'sudo', next: 'let sudo run these commands without a password there, then apply again' };
  }
  if (/permission denied|EACCES|EPERM|operation not permitted/i.test(stderr)) {
    return MAY_NOT;
  }
  return TOOL_FAILED;
}

/** The systemd unit that listens on a libvirt socket: for the single daemon, or for a modular one. */
function libvirtUnit(socket: string): Advice {
  const unit = socket.replace(/^libvirt$/, 'libvirtd');
  const modular = socket === 'libvirt' ? " ('virtproxyd.socket' where it has libvirt's modular daemons)" : '';
  const next = `start libvirt on that host: 'systemctl enable --now ${unit}.socket'${modular}, then apply again`;
  return { code: 'libvirt-silent', next };
}
