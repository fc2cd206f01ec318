import type { HostSpec } from '../model';
import { elementsOf, parseXml, textAt, type XmlElement } from '../render/xml';
import { virsh } from './commands';
import { ToolError, type Tools } from './tools';

/** The definition of the domain of that name, or undefined; `flags` are those of `virsh dumpxml`. */
export async function domainNamed(host: HostSpec, name: string, tools: Tools, ...flags: string[]) {
  const names = lines(await tools.run(virsh(host, 'list', '--all', '--name')));
  return names.includes(name) ? parseXml(await tools.run(virsh(host, 'dumpxml', ...flags, '--', name))) : undefined;
}

/** The storage pool of that name, or undefined; `flags` are those of `virsh pool-dumpxml`. */
export async function storagePoolNamed(host: HostSpec, name: string, tools: Tools, ...flags: string[]) {
  const names = lines(await tools.run(virsh(host, 'pool-list', '--all', '--name')));
  return names.includes(name)
    ? parseXml(await tools.run(virsh(host, 'pool-dumpxml', ...flags, '--', name)))
    : undefined;
}

/** The secret of usage type ceph and that usage, or undefined; libvirt keeps one of each usage. */
export async function secretOfUsage(host: HostSpec, usage: string, tools: Tools): Promise<XmlElement | undefined> {
  const listed = lines(await tools.run(virsh(host, 'secret-list')));
  const rows = listed.map((line) => /^(?<uuid>[0-9a-f-]{36}) +ceph (?<usage>.*)$/.exec(line)?.groups);
  const uuid = rows.find((row) => row?.['usage'] === usage)?.['uuid'];
  return uuid === undefined ? undefined : parseXml(await tools.run(virsh(host, 'secret-dumpxml', uuid)));
}

/** "VM 'web1'", "storage pool 'images'": all whose running or kept definition names the secret by usage or uuid. */
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
/** Definitions asked for by one virsh: a call for each takes minutes on a host with many VMs, one for all is too long a line. */
const AT_ONCE = 200;

/**
 * Running and kept definitions of all. What vanishes between listing and reading is missing from the output (virsh ends with
 * the exit code of its last command alone), so all are asked for again.
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

/** libvirt indents all but the root, and text can't hold a bare '<'. */
function documents(text: string): XmlElement[] {
  return text
    .split(/^(?=<(?:domain|pool)\b)/m)
    .filter((one) => one.trim() !== '')
    .map(parseXml);
}

/** `pool-list --name` fills its names up with spaces (libvirt 9). */
function lines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}
