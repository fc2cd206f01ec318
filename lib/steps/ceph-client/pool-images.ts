import type { ClusterSpec } from '../../model';
import { rbd } from '../commands';
import { type Command, type Outcome, ToolError, type Tools } from '../tools';
import { parseWatchers, type Watcher } from '../watchers';

/** Seconds: `rbd` waits without end for OSDs that are down. For a pool, and for each image of it. */
const LIMIT = 120;
const LIMIT_EACH = 1;
/** How `rbd` ends for an image, or a pool, that is not there. */
const ENOENT = 2;

/**
 * Runs `rbd` for each image whose name it reads, all in one call of ssh or kubectl; one that has gone meanwhile is left out.
 * Its last line is how many names it has read: what gets no input would tell of no image.
 */
const EACH = String.raw`
count=0
while IFS= read -r name; do
  count=$((count + 1))
  said=$("$@" --image "$name" </dev/null) && printf '%s\t%s\n' "$name" "$said" || [ $? = ${ENOENT} ] || exit 1
done
echo $count`;

/** There is one for each image and for each snapshot: what was cloned from a snapshot is read from that one's parent too. */
export interface Row {
  readonly image: string;
  readonly parent?: { readonly pool: string; readonly image: string };
}

/** The images of a pool with their parents; none where there is no such pool. What cannot be opened is not among them. */
export async function rowsOf(cluster: ClusterSpec, pool: string, tools: Tools): Promise<readonly Row[]> {
  return JSON.parse((await list(cluster, pool, tools, '--long', '--format', 'json')) || '[]') as Row[];
}

/** By image its data pool, '' where it has none of its own. Throws a `ToolError` where an image cannot be opened. */
export async function dataPoolsOf(cluster: ClusterSpec, pool: string, tools: Tools): Promise<[string, string][]> {
  const infos = await each(cluster, pool, 'info', tools);
  return infos.map(([image, json]) => [image, (JSON.parse(json) as { readonly data_pool?: string }).data_pool ?? '']);
}

/** By image who has it open. Throws a `ToolError` where an image cannot be opened. */
export async function watchersOf(cluster: ClusterSpec, pool: string, tools: Tools): Promise<[string, Watcher[]][]> {
  const states = await each(cluster, pool, 'status', tools);
  return states.map(([image, json]) => [image, parseWatchers(json)]);
}

async function each(cluster: ClusterSpec, pool: string, verb: string, tools: Tools): Promise<[string, string][]> {
  const names = (await list(cluster, pool, tools)).split('\n').filter((name) => name !== '');
  if (names.length === 0) return [];
  const { argv, transport } = rbd(cluster, verb, '--format', 'json', '--pool', pool);
  const command = { argv: ['sh', '-c', EACH, 'sh', ...argv], transport };
  const outcome = await attempt(command, tools, names);
  const lines = outcome.stdout.trimEnd().split('\n');
  if (lines.pop() !== String(names.length)) {
    throw new ToolError(command, { ...outcome, stderr: `it was not given the names of the images in pool '${pool}'` });
  }
  return lines.map((line) => [line.slice(0, line.indexOf('\t')), line.slice(line.indexOf('\t') + 1)]);
}

async function list(cluster: ClusterSpec, pool: string, tools: Tools, ...options: string[]): Promise<string> {
  const { stdout } = await attempt(rbd(cluster, 'ls', ...options, pool), tools);
  return stdout.trim();
}

async function attempt(command: Command, tools: Tools, names: readonly string[] = []): Promise<Outcome> {
  const input = names.length > 0 ? `${names.join('\n')}\n` : undefined;
  const outcome = await tools.attempt(command, { input, timeout: LIMIT + LIMIT_EACH * names.length });
  const noPool = outcome.exitCode === ENOENT && outcome.stderr.includes('error opening pool');
  if (outcome.exitCode !== 0 && !noPool) throw new ToolError(command, outcome);
  return outcome;
}
