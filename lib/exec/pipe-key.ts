import { createHash } from 'node:crypto';
import { type Command, Refusal, ToolError } from '../steps/tools';
import type { Children } from './children';
import { runOne } from './run-command';
import { locationOf } from './location';

/** Passes the key that `source` prints as JSON, and nothing else, to standard input of `sink`. Returns its SHA-256. */
export async function pipeKey(children: Children, source: Command, sink: Command): Promise<string> {
  const key = await readKey(children, source);
  const outcome = await runOne(children, sink, { input: key });
  if (outcome.exitCode !== 0) throw new ToolError(sink, { ...outcome, stdout: '' });
  return createHash('sha256').update(key, 'latin1').digest('hex');
}

/**
 * A cluster, or anything on the way to it, may print warnings on standard output. A key cannot be recognized by its
 * form (those of Ceph 20 have another length), so it is requested as JSON and taken from the one line that is an object
 * with a key.
 */
async function readKey(children: Children, source: Command): Promise<string> {
  const { stdout, ...ended } = await runOne(children, source);
  if (ended.exitCode !== 0) throw new ToolError(source, { ...ended, stdout: '' });
  const keys = stdout.split(/\r?\n/).flatMap(keyIn);
  if (keys.length === 1) return keys[0] as string;
  throw new Refusal(
    `'${source.argv[0] ?? ''}' ${locationOf(source.transport)} printed ${keys.length === 0 ? 'no key' : 'several keys'} instead of one`,
    `run '${source.argv.slice(-5).join(' ')}' there, and see what else it prints`,
    'key-not-one',
  );
}

function keyIn(line: string): string[] {
  if (!line.trimStart().startsWith('{')) return [];
  try {
    const { key } = JSON.parse(line) as { readonly key?: unknown };
    return typeof key === 'string' && key !== '' ? [key] : [];
  } catch {
    return [];
  }
}
