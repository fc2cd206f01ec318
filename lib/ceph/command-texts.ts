import type { Ceph, CephLocks } from '.';

export type Method = keyof Ceph | keyof CephLocks;

/** For messages: the command that a person would type for a request, as one line. */
export function commandOf(method: Method, params: { readonly [name: string]: unknown } = {}): string {
  const said = (name: string): string => String(params[name]);
  const image = `${said('pool')}/${said('name')}`;
  const words: { readonly [M in Method]: string } = {
    monitors: 'ceph mon dump',
    pool: 'ceph osd pool ls detail',
    poolNames: 'ceph osd pool ls',
    poolContents: `rados --pool ${said('name')} --all ls`,
    crushRule: `ceph osd crush rule dump ${said('name')}`,
    createPool: `ceph osd pool create ${said('name')}`,
    setPool: `ceph osd pool set ${said('name')} ${said('key')} ${said('value')}`,
    initPool: `rbd pool init ${said('name')}`,
    deletePool: `ceph osd pool delete ${said('name')}`,
    clientCaps: `ceph auth get ${said('entity')}`,
    keyDigest: `ceph auth get-key ${said('entity')}`,
    addClient: `ceph auth add ${said('entity')}`,
    setClientCaps: `ceph auth caps ${said('entity')}`,
    removeClient: `ceph auth del ${said('entity')}`,
    sessions: "ceph tell 'mon.*' sessions",
    ticketSeconds: 'ceph config get mon auth_mon_ticket_ttl',
    configKey: `ceph config-key get ${said('key')}`,
    configKeys: `ceph config-key dump ${said('prefix')}`,
    setConfigKey: `ceph config-key set ${said('key')}`,
    removeConfigKey: `ceph config-key rm ${said('key')}`,
    image: `rbd info ${image}`,
    watchers: `rbd status ${image}`,
    imageNames: `rbd ls ${said('pool')}`,
    imagesInUse: `rbd ls --long ${said('pool')}`,
    imageSpace: `rbd du ${image}`,
    children: `rbd children --all ${image}`,
    isRemovalInterrupted: `rbd ls ${said('pool')}`,
    createImage: `rbd create ${image}`,
    cloneImage: `rbd clone ${parentOf(params)} ${image}`,
    growImage: `rbd resize --size ${said('size')}B ${image}`,
    renameImage: `rbd rename ${image} ${said('pool')}/${said('to')}`,
    trashImage: `rbd trash mv ${image}`,
    removeImage: `rbd rm ${image}`,
    flattenImage: `rbd flatten ${image}`,
    setMetadata: `rbd image-meta set ${image} ${said('key')}`,
    removeMetadata: `rbd image-meta remove ${image} ${said('key')}`,
    createSnapshot: `rbd snap create ${image}@${said('snapshot')}`,
    removeSnapshot: `rbd snap rm ${image}@${said('snapshot')}`,
    trash: `rbd trash ls ${said('pool')}`,
    purgeTrash: `rbd trash rm --force ${said('pool')}/${said('id')}`,
    restoreFromTrash: `rbd trash restore ${said('pool')}/${said('id')} --image ${said('name')}`,
    takeLock: `rados --pool ${said('pool')} lock get cdktf-libvirt-ceph.lock.${said('image')} cdktf-libvirt-ceph`,
    releaseLock: 'rados lock break',
    setLocksExpire: 'rados lock get',
  };
  return words[method];
}

function parentOf({ parent }: { readonly [name: string]: unknown }): string {
  const { pool, name, snapshot } = (parent ?? {}) as { readonly [name: string]: string | undefined };
  return `${pool}/${name}@${snapshot}`;
}
