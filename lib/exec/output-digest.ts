import { createHash } from 'node:crypto';
import { type Command, ToolError } from '../steps/tools';
import type { Children } from './children';
import { outcomeOf } from './run-command';
import { outputOf } from './delimited-output';
import { delimitedArgvOf } from './transport';

/** SHA-256 of a command's output without trailing white space; the output is never held in memory as a whole. */
export async function outputDigest(children: Children, command: Command): Promise<string> {
  const child = children.start(delimitedArgvOf(command), { stdin: 'ignore', keepStdout: false });
  const printed = outputOf(child, command);
  const hash = createHash('sha256');
  let space = '';
  printed?.stream.on('data', (chunk: Buffer) => {
    const text = space + chunk.toString('latin1');
    const kept = text.trimEnd();
    hash.update(kept, 'latin1');
    space = text.slice(kept.length);
  });
  const outcome = await outcomeOf(child, command);
  children.stopped.throwIfAborted();
  if (outcome.exitCode !== 0) throw new ToolError(command, { ...outcome, stdout: '' });
  await printed?.whole();
  return hash.digest('hex');
}
