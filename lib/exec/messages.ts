import { type Command, ToolError } from '../steps/tools';
import { Stopped } from './children';
import { placeOf } from './transport';

/** Words longer than this are cut in a message: a mark, a definition. */
const LONGEST_WORD = 80;

/** One line for standard error: the object, what was being done, what the tool said, the next step. */
export function errorLine(title: string, doing: string | undefined, error: unknown): string {
  return oneLine([title, ...(doing === undefined ? [] : [doing]), said(error)].join(': '));
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
  if (error instanceof Stopped) return `${error.message}; nothing is lost, apply again to go on`;
  return error instanceof Error ? error.message : String(error);
}

function toolSaid({ command, outcome }: ToolError): string {
  const last =
    outcome.stderr
      .trim()
      .split(/[\r\n]+/)
      .slice(-3)
      .join(' | ') || 'it said nothing';
  const { next, problem } = explain(command, outcome.stderr, outcome.exitCode);
  return `'${shown(command)}' ${placeOf(command.transport)} ended with ${outcome.exitCode}: ${last}; ${problem}${next}`;
}

function shown({ argv }: Command): string {
  return argv.map((word) => (word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}...` : word)).join(' ');
}

interface Explanation {
  readonly problem: string;
  readonly next: string;
}

/** What the administrator can do about it, as far as the words of the tool tell. */
function explain(command: Command, stderr: string, exitCode: number): Explanation {
  const { transport } = command;
  if (transport.type === 'ssh' && exitCode === 255) {
    const next = `see that 'ssh -o BatchMode=yes ${transport.destination} true' works from here, then apply again`;
    return { problem: '', next };
  }
  if (/password is required|a terminal is required/.test(stderr)) {
    return { problem: '', next: 'let sudo run these commands without a password there, then apply again' };
  }
  if (/permission denied|EACCES|EPERM|operation not permitted/i.test(stderr)) {
    return { problem: '', next: 'see that the user and the cephx ID of the commands may do this, then apply again' };
  }
  return { problem: '', next: 'mend that and apply again; what was done so far is kept' };
}
