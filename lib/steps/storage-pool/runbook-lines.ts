import type { StoragePoolRemoval, StoragePoolSpec } from '../../model';
import { renderStoragePool } from '../../render/storage-pool';
import { absent, ours } from '../runbook-checks';
import { comment, virshLine, withText } from '../runbook-lines';

/** libvirt overwrites a definition with the same name and UUID. */
export function definitionByHand(spec: StoragePoolSpec): string[] {
  const { host, name } = spec;
  return [
    absent(virshLine(host, 'pool-list', '--all', '--name'), name),
    ...withText(virshLine(host, 'pool-define', '/dev/stdin'), renderStoragePool(spec), 'XML'),
  ];
}

export function removalByHand({ host, name, cephPool }: StoragePoolRemoval): string[] {
  return [
    comment("This removes only libvirt's view: no image is touched. 'pool-delete' would empty the Ceph pool."),
    ours(virshLine(host, 'pool-dumpxml', '--inactive', name), `<name>${cephPool}</name>`),
    virshLine(host, 'pool-destroy', name),
    virshLine(host, 'pool-undefine', name),
  ];
}
