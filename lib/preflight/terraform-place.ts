import type { RbdImageSpec } from '../model';
import { type Command, Refusal, type Tools } from '../steps/tools';
import { type Found, fails, refused, warns } from './finding';
import { type Needs, ofKind } from './places';
import { isBelow, NODE, TERRAFORM, textOf, type Version, versionIn } from './versions';

const here = (...argv: string[]): Command => ({ argv, transport: { type: 'local' } });

/** The packages that unpack an image file, by the suffix of its name. */
const UNPACKERS: readonly (readonly [RegExp, string])[] = [
  [/\.t?xz$/i, 'xz'],
  [/\.(?:zst|tzst)$/i, 'zstd'],
  [/\.(?:bz2|tbz2?)$/i, 'bzip2'],
  [/\.t?gz$/i, 'gzip'],
];

/** What the machine where Terraform runs must have. */
export async function terraformPlace(needs: Needs, engine: string, tools: Tools): Promise<Found[]> {
  const looks = [
    () => olderThan('Terraform or OpenTofu', here('env', 'CHECKPOINT_DISABLE=1', engine, 'version'), TERRAFORM, tools),
    () => olderThan('Node.js', here('node', '--version'), NODE, tools),
    ...(needs.hosts.length > 0 ? [() => there(here('virsh', '--version'), tools)] : []),
    ...imageTools(needs).map((argv) => () => there(here(...argv), tools)),
    ...(hasSsh(needs) ? [() => there(here('ssh', '-V'), tools)] : []),
  ];
  const results = await Promise.all(looks.map((look) => look().catch((error: unknown) => [missing(error)])));
  return results.flat();
}

/** The commands that read the files of images. */
function imageTools({ objects }: Needs): string[][] {
  const sources = ofKind<RbdImageSpec>(objects, 'rbd-image').map(({ spec }) => spec.source);
  const files = sources.flatMap(({ file, url }) => [file, url].filter((one) => one !== undefined));
  if (files.length === 0) return [];
  const unpackers = UNPACKERS.filter(([pattern]) => files.some((file) => pattern.test(file))).map(([, tool]) => tool);
  return [['qemu-img', '--version'], ...unpackers.map((tool) => [tool, '--version'])];
}

function hasSsh({ clusters, hosts }: Needs): boolean {
  const bySsh = [...clusters, ...hosts].some(({ place }) => place.transport.type === 'ssh');
  return bySsh || hosts.some(({ place }) => /^[a-z]+\+ssh:/.test(place.uri));
}

async function there(command: Command, tools: Tools): Promise<Found[]> {
  await tools.attempt(command);
  return [];
}

/** A Refusal names the missing command and its package. */
function missing(error: unknown): Found {
  if (error instanceof Refusal) return refused(error);
  throw error;
}

async function olderThan(what: string, command: Command, least: Version, tools: Tools): Promise<Found[]> {
  const { stdout, stderr } = await tools.attempt(command);
  const version = versionIn(stdout);
  if (version === undefined) {
    const said = `${stdout} ${stderr}`.trim().split('\n')[0] ?? '';
    return [
      warns(`cannot read a version from the output of '${command.argv.join(' ')}' ('${said}')`, 'run it to see why'),
    ];
  }
  if (!isBelow(version, least)) return [];
  return [fails(`${what} is ${textOf(version)}, and ${textOf(least)} or later is needed`, `install a newer ${what}`)];
}
