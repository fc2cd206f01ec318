import { join } from 'node:path';
import { execa } from 'execa';
import type { LabInfo } from '../../lab/lab';
import type { LabHost } from '../../lab/libvirt';

/** What lists all objects of a kind with their UUIDs and names, and what removes one. */
const KINDS = [
  {
    list: ['list', '--all', '--uuid', '--name'],
    remove: ['destroy', 'undefine --managed-save --nvram --snapshots-metadata --checkpoints-metadata'],
  },
  { list: ['pool-list', '--all', '--uuid', '--name'], remove: ['pool-destroy', 'pool-undefine'] },
  { list: ['secret-list'], remove: ['secret-undefine'] },
] as const;
type Kind = (typeof KINDS)[number];

/** Removes the VMs, storage pools and secrets of a host whose names begin in one of these ways. */
export async function clearHost(host: LabHost, prefixes: readonly string[]): Promise<void> {
  for (const kind of KINDS) {
    const uuids = await listed(host, kind, prefixes);
    if (uuids.length === 0) continue;
    const commands = uuids.flatMap((uuid) => kind.remove.map((command) => `${command} ${uuid}`));
    // One that is off or inactive cannot be destroyed: the next command follows all the same.
    await virsh(host, [commands.join('; ')], { reject: false });
    const left = await listed(host, kind, prefixes);
    if (left.length > 0) throw new Error(`still on ${host.name} after '${commands.join('; ')}': ${left.join(', ')}`);
  }
}

/** Their UUIDs; a secret's name is its usage, usually 'client.libvirt secret', where the client's name counts. */
async function listed(host: LabHost, { list }: Kind, prefixes: readonly string[]): Promise<string[]> {
  const { stdout } = await virsh(host, list);
  return stdout.split('\n').flatMap((line) => {
    const [, uuid = '', name = ''] = /^ *([-0-9a-f]{36}) +(?:ceph )?(.*)$/.exec(line) ?? [];
    const begins = (prefix: string): boolean => name.startsWith(prefix) || name.startsWith(`client.${prefix}`);
    return prefixes.some(begins) ? [uuid] : [];
  });
}

function virsh(host: LabHost, command: readonly string[], options: { readonly reject?: boolean } = {}) {
  return execa('virsh', ['--quiet', '--connect', host.virshUri, ...command], { stdin: 'ignore', ...options });
}

/** Deletes Ceph's side; see the script. */
export async function clearCeph(
  lab: LabInfo,
  { pools = [], prefixes = [] }: { readonly pools?: readonly string[]; readonly prefixes?: readonly string[] },
): Promise<void> {
  const script = join(__dirname, 'clear-ceph.py');
  await execa('/usr/bin/python3', [script, lab.cephConf, JSON.stringify({ pools, prefixes })], { stdin: 'ignore' });
}
