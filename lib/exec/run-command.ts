import { constants } from 'node:os';
import { type Command, type Outcome, type RunOptions, ToolError } from '../steps/tools';
import type { Child, Children } from './children';
import { outputOf, betweenDelimiters } from './delimited-output';
import { eachLine } from './lines';
import { missingTool } from './missing-tool';
import { delimitedArgvOf } from './transport';

/** The exit code of a command that exceeded its time, as from timeout(1). */
const TIMED_OUT = 124;

/** Runs a command until it exits. Throws only if it cannot be started or the script was stopped. */
export async function runOne(
  children: Children,
  command: Command,
  {
    bytes,
    input = bytes,
    timeout,
    onProgress,
    toItsEnd,
    evenWhenStopped,
  }: Omit<RunOptions, 'input'> & { readonly input?: string | Uint8Array; readonly evenWhenStopped?: boolean } = {},
): Promise<Outcome> {
  const stdin = input === undefined ? 'ignore' : 'pipe';
  const child = children.start(delimitedArgvOf(command), { stdin, toItsEnd, evenWhenStopped });
  if (input !== undefined) writeInput(child, input);
  // `rbd` prints its progress on standard error, `qemu-img` on standard output.
  if (onProgress) [outputOf(child, command)?.stream, child.stderr].forEach((one) => one && eachLine(one, onProgress));
  let late = false;
  const timer =
    timeout === undefined ? undefined : setTimeout(() => ((late = true), children.end(child)), timeout * 1000);
  const outcome = await outcomeOf(child, command);
  clearTimeout(timer);
  if (!evenWhenStopped) children.stopped.throwIfAborted();
  if (!late) return outcome;
  const said = `${outcome.stderr}\nit did not end within ${timeout} seconds and was stopped`.trim();
  return { ...outcome, exitCode: TIMED_OUT, stderr: said };
}

/** How a child ended. Throws if it could not be started, or if its command does not exist. */
export async function outcomeOf(child: Child, command: Command): Promise<Outcome> {
  const result = await child;
  const signal = result.signal ? 128 + constants.signals[result.signal] : undefined;
  const exitCode = result.exitCode ?? signal;
  const stdout = result.stdout === undefined ? '' : betweenDelimiters(command, result.stdout, exitCode);
  const outcome = { exitCode: exitCode ?? 127, stdout, stderr: result.stderr ?? '' };
  const missing = missingTool(command, outcome, result.code);
  if (missing) throw missing;
  if (exitCode === undefined) throw new ToolError(command, { ...outcome, stderr: result.problem ?? '' });
  return outcome;
}

/** A command may exit before it has read all its input: its exit code says so, not a broken pipe here. */
function writeInput(child: Child, input: string | Uint8Array): void {
  child.stdin?.on('error', () => undefined);
  child.stdin?.end(input);
}
