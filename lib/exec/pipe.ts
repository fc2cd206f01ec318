import { type Command, ToolError } from '../steps/tools';
import type { Children } from './children';
import { outcomeOf } from './run-command';
import { outputOf } from './delimited-output';
import { delimitedArgvOf } from './transport';

/**
 * Pipes the standard output of one command into the standard input of another; the data is neither kept nor shown. The
 * sink's input ends only once the source has succeeded: a source that fails halfway must not look complete, or a secret
 * would be set to an empty value, and a truncated image would pass for a whole one.
 */
export async function pipe(
  children: Children,
  sourceCommand: Command,
  sinkCommand: Command,
  onBytes: (total: number) => void = () => undefined,
): Promise<void> {
  const sink = children.start(delimitedArgvOf(sinkCommand), { stdin: 'pipe' });
  const source = children.start(delimitedArgvOf(sourceCommand), { stdin: 'ignore', keepStdout: false });
  const sinkEnd = outcomeOf(sink, sinkCommand);
  let early = false;
  // If the sink ends early, nobody reads what the source writes.
  const noticed = sinkEnd.catch(() => undefined).then(() => ((early = true), children.end(source)));
  const printed = outputOf(source, sourceCommand);
  sink.stdin?.on('error', () => printed?.stream.resume());
  let total = 0;
  printed?.stream.on('data', (chunk: Buffer) => onBytes((total += chunk.length)));
  if (sink.stdin) printed?.stream.pipe(sink.stdin, { end: false });
  try {
    const given = await outcomeOf(source, sourceCommand);
    children.stopped.throwIfAborted();
    if (given.exitCode !== 0 && !early) throw failure(sourceCommand, given.exitCode, given.stderr);
    if (given.exitCode === 0) {
      await printed?.whole();
      sink.stdin?.end();
    }
    const taken = await sinkEnd;
    children.stopped.throwIfAborted();
    if (taken.exitCode !== 0) throw failure(sinkCommand, taken.exitCode, taken.stderr);
    if (given.exitCode !== 0)
      throw failure(sinkCommand, taken.exitCode, 'it ended before it had read all of its input');
  } catch (error) {
    children.end(sink);
    await noticed;
    throw error;
  }
}

function failure(command: Command, exitCode: number, stderr: string): ToolError {
  return new ToolError(command, { exitCode, stdout: '', stderr });
}
