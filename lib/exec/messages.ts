import { CephError, EACCES, EPERM } from '../ceph';
import { type Command, type Outcome, ToolError } from '../steps/tools';
import { Stopped } from './children';
import { placeOf } from './place';

/** Words longer than this are cut in a message: a mark, a definition. */
const LONGEST_WORD = 80;
const LAST_LINES = 3;
const WAITS_FOR_CEPH = `'ceph health detail' tells what it waits for (OSDs that are full or down); mend that and apply again`;
const MAY_NOT = 'see that the user and the cephx ID of the commands may do this, then apply again';
const GOES_ON = 'mend that and apply again; what was done so far is kept';
/** Date, thread and level, as Ceph's libraries begin a line. */
const LOG_PREFIX = /^\d{4}-\d\d-\d\dT\S+ [0-9a-f]+ +-?\d+ /;

/** One line for standard error: the object, what was being done, what the tool said, the next step; each of them once. */
export function errorLine(title: string, doing: string | undefined, error: unknown): string {
  const text = said(error);
  if (text.startsWith(`${title} `)) return oneLine(text);
  const rest = text.startsWith(`${title}: `) ? text.slice(title.length + 2) : text;
  return oneLine([title, ...(doing === undefined ? [] : [doing]), rest].join(': '));
}

/** What is said of an object, which may name it itself. */
export function about(title: string, text: string): string {
  return [' ', ': '].some((end) => text.startsWith(title + end)) ? text : `${title}: ${text}`;
}

/** Never more than a line, never a key. */
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
  return `${error.message.replaceAll('\n', ' | ')}; ${nextAfterCeph(error)}`;
}

function nextAfterCeph({ errno, said }: CephError): string {
  if (/did not end within \d+ seconds/.test(said)) return WAITS_FOR_CEPH;
  if (errno === EPERM || errno === EACCES) return MAY_NOT;
  return GOES_ON;
}

function toolSaid({ command, outcome }: ToolError): string {
  const lines = outcome.stderr
    .trim()
    .split(/[\r\n]+/)
    .slice(-LAST_LINES);
  const last = lines.map((line) => line.replace(LOG_PREFIX, '')).join(' | ') || 'it said nothing';
  const where = placeOf(command.transport);
  return `'${shown(command)}' ${where} ended with ${outcome.exitCode}: ${last}; ${nextStep(command, outcome)}`;
}

function shown({ argv }: Command): string {
  return argv.map((word) => (word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}...` : word)).join(' ');
}

/** What the administrator can do about it, as far as the words of the tool tell. */
function nextStep({ argv, transport }: Command, { stderr, exitCode }: Outcome): string {
  if (/did not end within \d+ seconds/.test(stderr) && ['ceph', 'rbd', 'rados'].includes(argv[0] ?? '')) {
    return WAITS_FOR_CEPH;
  }
  if (transport.type === 'ssh' && exitCode === 255) {
    return `see that 'ssh -o BatchMode=yes ${transport.destination} true' works from here, then apply again`;
  }
  const socket = /Failed to connect socket to '[^']*\/([\w-]+)-sock(?:-ro)?'/.exec(stderr)?.[1];
  if (socket !== undefined) return libvirtUnit(socket);
  if (/password is required|a terminal is required/.test(stderr)) {
    return 'let sudo run these commands without a password there, then apply again';
  }
  if (/permission denied|EACCES|EPERM|operation not permitted/i.test(stderr)) {
    return MAY_NOT;
  }
  return GOES_ON;
}

/** The unit of systemd that listens at a socket of libvirt: of its one daemon, or of one of the modular ones. */
function libvirtUnit(socket: string): string {
  const unit = socket === 'libvirt' ? 'libvirtd' : socket;
  const modular = socket === 'libvirt' ? " ('virtproxyd.socket' where it has libvirt's modular daemons)" : '';
  return `start libvirt on that host: 'systemctl enable --now ${unit}.socket'${modular}, then apply again`;
}
