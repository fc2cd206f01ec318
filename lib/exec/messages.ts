import { CephError } from '../ceph';
import { type Command, Refusal, ToolError } from '../steps/tools';
import { adviceAfterCeph, adviceFor } from './advice';
import { Stopped } from './children';
import { locationOf } from './location';

/** Longer words, such as a mark or a definition, are shortened in a message. */
const LONGEST_WORD = 80;
const LAST_LINES = 3;
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
  if (error instanceof Stopped) return `${error.message}; nothing is lost, apply again to continue`;
  return error instanceof Error ? error.message : String(error);
}

function cephSaid(error: CephError): string {
  return `${error.message.replaceAll('\n', ' | ')}; ${adviceAfterCeph(error).next}`;
}

function toolSaid(error: ToolError): string {
  const { command, outcome } = error;
  const lines = outcome.stderr
    .trim()
    .split(/[\r\n]+/)
    .slice(-LAST_LINES);
  const last = lines.map((line) => line.replace(LOG_PREFIX, '')).join(' | ') || 'it said nothing';
  const where = locationOf(command.transport);
  return `'${shown(command)}' ${where} ended with ${outcome.exitCode}: ${last}; ${adviceFor(error).next}`;
}

function shown({ argv }: Command): string {
  return argv.map((word) => (word.length > LONGEST_WORD ? `${word.slice(0, LONGEST_WORD)}...` : word)).join(' ');
}
