import type { CephSecretRemoval, CephSecretSpec } from '../../model';
import { absent, empty, ours } from '../runbook-checks';
import { assigned, cephLine, comment, virshLine, withText } from '../runbook-lines';
import { literally } from '../runbook-words';
import { markKey } from '../ownership/config-key';
import { clientMarkName } from './lookup';
import { secretXml } from './secret';

/** libvirt overwrites a secret with the same UUID; it refuses a usage that another secret has. */
export function definitionByHand(spec: CephSecretSpec): string[] {
  const { host, uuid } = spec;
  return [
    absent(virshLine(host, 'secret-list'), uuid),
    ...withText(virshLine(host, 'secret-define', '/dev/stdin'), secretXml(spec, undefined), 'XML'),
  ];
}

export function valueByHand(spec: CephSecretSpec): string[] {
  const { cluster, host, entity, uuid } = spec;
  const mark = cephLine(cluster, 'config-key', 'get', markKey(clientMarkName(entity)));
  return [
    comment("The ID of the key, from the client's mark; blank if this tool did not create the client."),
    assigned('keyId', `${mark} | sed -n 's/.*"keyId":"\\([0-9a-f-]*\\)".*/\\1/p' || true`),
    comment('The key itself only goes through a pipe.'),
    `${keyByHand(spec)} | ${virshLine(host, 'secret-set-value', uuid, '--file', '/dev/stdin')}`,
    comment('Only after the value is set does the secret name the key that it holds.'),
    `${virshLine(host, 'secret-dumpxml', uuid)} | sed "s|}</description>|,\\"keyId\\":\\"$keyId\\"&|" | ${virshLine(host, 'secret-define', '/dev/stdin')}`,
  ];
}

/**
 * The output of a login shell would get into the secret: over a transport, the key is cut out of Ceph's framed output.
 */
function keyByHand({ cluster, entity }: CephSecretSpec): string {
  if (cluster.transport.type === 'local') return cephLine(cluster, 'auth', 'get-key', entity);
  const framed = cephLine(cluster, 'auth', 'get-key', entity, '--format', 'json');
  return `${framed} | grep -o '"key": *"[^"]*' | cut -d '"' -f 4`;
}

export function releaseByHand(removal: CephSecretRemoval): string[] {
  if (removal.removalPolicy !== 'retain') return [];
  const { host, uuid, entryId } = removal;
  return [
    comment('It is kept, with its value; the new mark lets anyone adopt it.'),
    ours(virshLine(host, 'secret-dumpxml', uuid), entryId),
    `${virshLine(host, 'secret-dumpxml', uuid)} | sed 's/${literally(entryId)}//' | ${virshLine(host, 'secret-define', '/dev/stdin')}`,
  ];
}

export function removalByHand(removal: CephSecretRemoval): string[] {
  if (removal.removalPolicy === 'retain') return [];
  const { host, uuid, usage, entryId } = removal;
  const named = `sed -n -e '/usage=.${literally(usage)}./p' -e '/uuid=.${literally(uuid)}./p'`;
  const all = (list: string, dump: string): string =>
    `for one in $(${virshLine(host, list, '--all', '--uuid')}); do ${virshLine(host, dump)} "$one"; done`;
  return [
    ours(virshLine(host, 'secret-dumpxml', uuid), entryId),
    comment('What uses the secret could no longer start.'),
    empty(`${all('list', 'dumpxml')} | ${named}`),
    empty(`${all('pool-list', 'pool-dumpxml')} | ${named}`),
    virshLine(host, 'secret-undefine', uuid),
  ];
}
