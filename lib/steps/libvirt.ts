import type { HostSpec } from '../model';
import { elementsOf, parseXml, textAt, type XmlElement } from '../render/xml';
import { virsh } from './commands';
import { ToolError, type Tools } from './tools';

/**
 * Runs several looks in one call of virsh, because over ssh each call costs a connection. virsh returns only the exit
 * code of its last command. Undefined if all that it reports is that there is no such object.
 */
export async function lookAt(
  host: HostSpec,
  looks: readonly string[],
  absent: RegExp,
  tools: Tools,
): Promise<string | undefined> {
  const command = virsh(host, looks.join('; '));
  const outcome = await tools.attempt(command);
  if (saysOnly(outcome.stderr, absent)) return undefined;
  if (outcome.exitCode !== 0) throw new ToolError(command, outcome);
  return outcome.stdout;
}

/** True if virsh prints something on standard error, and every line of it is of that kind. */
export function saysOnly(stderr: string, pattern: RegExp): boolean {
  const said = lines(stderr);
  return said.length > 0 && said.every((line) => pattern.test(line));
}

const NO_SECRET = /failed to get secret|Secret not found/;

/**
 * The secret of usage type ceph with that usage, or undefined; libvirt keeps one per usage. If it has the UUID that we
 * give it, one call shows it; an adopted one has another.
 */
export async function secretOfUsage(
  host: HostSpec,
  usage: string,
  ourUuid: string,
  tools: Tools,
): Promise<XmlElement | undefined> {
  const command = virsh(host, `secret-list; secret-dumpxml ${ourUuid}`);
  const outcome = await tools.attempt(command);
  if (outcome.exitCode !== 0 && !saysOnly(outcome.stderr, NO_SECRET)) throw new ToolError(command, outcome);
  const [listed = '', shown] = outcome.stdout.split(/^(?=<secret\b)/m);
  const rows = lines(listed).map((line) => /^(?<uuid>[0-9a-f-]{36}) +ceph (?<usage>.*)$/.exec(line)?.groups);
  const uuid = rows.find((row) => row?.['usage'] === usage)?.['uuid'];
  if (uuid === undefined) return undefined;
  return parseXml(uuid === ourUuid && shown ? shown : await tools.run(virsh(host, 'secret-dumpxml', uuid)));
}

/**
 * "VM 'web1'", "storage pool 'images'": all whose running or persistent definition names the secret by usage or UUID.
 */
export async function usersOfSecret(host: HostSpec, usage: string, uuid: string, tools: Tools): Promise<string[]> {
  const domains = await definitions(host, 'list', 'dumpxml', tools);
  const pools = await definitions(host, 'pool-list', 'pool-dumpxml', tools);
  const users = [...domains, ...pools].filter((one) => namesSecret(one, usage, uuid));
  return [...new Set(users.map((one) => `${one.name === 'pool' ? 'storage pool' : 'VM'} '${textAt(one, 'name')}'`))];
}

function namesSecret(tree: XmlElement, usage: string, uuid: string): boolean {
  if (tree.name === 'secret' && (tree.attributes['usage'] === usage || tree.attributes['uuid'] === uuid)) return true;
  return elementsOf(tree).some((child) => namesSecret(child, usage, uuid));
}

const TRIES = 3;
/**
 * Definitions per call of virsh: one call each takes minutes on a host with many VMs, and one call for all is too long
 * a line.
 */
const AT_ONCE = 200;

/**
 * Running and persistent definitions of all. What vanishes between listing and reading is missing from the output
 * (virsh returns only the exit code of its last command), so all are read again.
 */
async function definitions(host: HostSpec, list: string, dump: string, tools: Tools): Promise<XmlElement[]> {
  for (let tried = 1; ; tried++) {
    const uuids = lines(await tools.run(virsh(host, list, '--all', '--uuid')));
    const found: XmlElement[] = [];
    for (let from = 0; from < uuids.length; from += AT_ONCE) {
      const some = uuids.slice(from, from + AT_ONCE);
      const script = some.map((uuid) => `${dump} ${uuid}; ${dump} --inactive ${uuid}`).join('; ');
      const command = virsh(host, script);
      const outcome = await tools.attempt(command);
      found.push(...documents(outcome.stdout));
      if (found.length < 2 * (from + some.length) && tried === TRIES) throw new ToolError(command, outcome);
    }
    if (found.length === 2 * uuids.length) return found;
  }
}

/** libvirt indents everything but the root, and text cannot contain a bare '<'. */
function documents(text: string): XmlElement[] {
  return text
    .split(/^(?=<(?:domain|pool)\b)/m)
    .filter((one) => one.trim() !== '')
    .map(parseXml);
}

/** `pool-list --name` pads its names with spaces (libvirt 9). */
function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
