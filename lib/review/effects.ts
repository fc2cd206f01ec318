import type { PlannedKind } from './objects';

/** What a change of a field does, in the words of docs/changes.md. */
export type Effect = 'in place' | 'live' | 'next boot' | 'another' | 'read once' | 'nothing';

export interface Field {
  /** Its row in docs/changes.md, 'RbdImageProps.size'; undefined if it follows from other fields. */
  readonly row?: string;
  readonly effect: Effect;
  /** It changes who can reach what. */
  readonly access?: true;
  /** A note for the reader beside the effect. */
  readonly note?: string;
}

interface Fields {
  readonly [field: string]: Field;
}

const row = (props: string, name: string, effect: Effect, more: Partial<Field> = {}): Field => ({
  row: `${props}.${name}`,
  effect,
  ...more,
});

const rows = (props: string, effect: Effect, ...names: readonly string[]): Fields =>
  Object.fromEntries(names.map((name) => [name, row(props, name, effect)]));

const READ_ONCE = 'read when the image was made: the apply changes nothing, and warns';
const RAISED = 'only ever raised: a lower figure is left as it is';

/** A field of a VM's disk. */
export const DISK_FIELDS: Fields = {
  ...rows('VmDiskProps', 'next boot', 'image', 'bus', 'cdrom', 'readOnly', 'serial', 'bootIndex', 'cache', 'discard'),
  ...rows('VmDiskProps', 'next boot', 'detectZeroes', 'ioThread', 'wwn', 'queues'),
  qos: row('VmDiskProps', 'qos', 'live'),
};

/** A field of a VM's interface. */
export const NIC_FIELDS: Fields = {
  ...Object.fromEntries(
    ['network', 'bridge', 'macvtap', 'vlan'].map((name) => [name, row('NetworkInterfaceProps', 'source', 'next boot')]),
  ),
  model: row('NetworkInterfaceProps', 'model', 'next boot'),
  linkUp: row('NetworkInterfaceProps', 'linkUp', 'live'),
};

/**
 * The fields of each kind's spec, as plans show them. A field that is missing here counts as the worst that a field can
 * do.
 */
export const FIELDS: { readonly [K in PlannedKind]?: Fields } = {
  'ceph-pool': {
    name: row('CephPoolProps', 'poolName', 'another'),
    ...rows('CephPoolProps', 'in place', 'autoscaleMode', 'bulk'),
    pgNum: row('CephPoolProps', 'pgNum', 'in place', { note: `${RAISED}; data moves in the background` }),
    size: row('CephPoolProps', 'size', 'in place', { note: `${RAISED}; data moves in the background` }),
    minSize: row('CephPoolProps', 'minSize', 'in place', { note: RAISED }),
    crushRule: row('CephPoolProps', 'crushRule', 'in place', { note: 'data moves in the background' }),
    adopt: row('CephPoolProps', 'adopt', 'nothing'),
  },
  'ceph-client': {
    id: row('CephClientProps', 'clientId', 'another'),
    caps: { effect: 'in place', access: true, note: 'what the user may do in Ceph, from this apply on' },
    keyGeneration: row('CephClientProps', 'keyGeneration', 'in place', {
      access: true,
      note: 'a higher one makes a new key, here and in the secrets; VMs that run go on until their ticket ends',
    }),
    adopt: row('CephClientProps', 'adopt', 'in place'),
  },
  'rbd-image': {
    pool: row('RbdImageProps', 'pool', 'another'),
    name: row('RbdImageProps', 'imageName', 'another'),
    source: row('RbdImageProps', 'source', 'read once', { note: READ_ONCE }),
    size: row('RbdImageProps', 'size', 'live'),
    dataPool: row('RbdImageProps', 'dataPool', 'read once', { note: READ_ONCE }),
    objectSize: row('RbdImageProps', 'objectSize', 'read once', { note: READ_ONCE }),
    features: row('RbdImageProps', 'features', 'read once', { note: READ_ONCE }),
    adopt: row('RbdImageProps', 'adopt', 'in place'),
  },
  'rbd-snapshot': {
    pool: row('RbdSnapshotProps', 'image', 'another'),
    image: row('RbdSnapshotProps', 'image', 'another'),
    name: row('RbdSnapshotProps', 'snapshotName', 'another'),
  },
  'ceph-secret': {
    usage: row('LibvirtCephSecretProps', 'usage', 'another'),
    uuid: { effect: 'another' },
    entity: row('LibvirtCephSecretProps', 'client', 'in place', { access: true }),
    private: row('LibvirtCephSecretProps', 'private', 'in place', { access: true }),
    keyGeneration: { effect: 'in place', access: true, note: 'the new key of its client' },
    adopt: row('LibvirtCephSecretProps', 'adopt', 'in place'),
  },
  'client-config': {
    entity: row('CephClientConfigProps', 'client', 'another'),
    confFile: row('CephClientConfigProps', 'confFile', 'another'),
    logFile: row('CephClientConfigProps', 'logFile', 'next boot'),
    adminSocket: row('CephClientConfigProps', 'adminSocket', 'next boot'),
  },
  'storage-pool': {
    ...Object.fromEntries(
      ['name', 'uuid', 'cephPool', 'monitors', 'clientId', 'secretUsage', 'secretUuid'].map((name): [string, Field] => [
        name,
        { effect: 'in place', note: 'the view is made again; no data is in it' },
      ]),
    ),
    autostart: row('CephRbdStoragePoolProps', 'autostart', 'in place'),
    driver: { effect: 'in place' },
  },
  disk: {
    ...Object.fromEntries(['domain', 'target'].map((name): [string, Field] => [name, { effect: 'another' }])),
    ...Object.fromEntries(
      ['monitors', 'clientId', 'secretUsage'].map((name): [string, Field] => [name, { effect: 'next boot' }]),
    ),
    disk: row('RbdDiskAttachmentProps', 'disk', 'next boot'),
  },
  domain: {
    name: row('RbdBackedVmProps', 'vmName', 'another'),
    uuid: { effect: 'another' },
    description: row('RbdBackedVmProps', 'description', 'live'),
    vcpus: row('RbdBackedVmProps', 'vcpus', 'live'),
    memory: row('RbdBackedVmProps', 'memory', 'live'),
    ...rows('RbdBackedVmProps', 'next boot', 'maxVcpus', 'maxMemory', 'domainType', 'machineType', 'cpuMode'),
    ...rows('RbdBackedVmProps', 'next boot', 'cpuModel', 'ignitionFile', 'serialLogFile', 'vnc', 'guestAgent'),
    disks: row('RbdBackedVmProps', 'dataDisks', 'live'),
    networkInterfaces: row('RbdBackedVmProps', 'networkInterfaces', 'live'),
    monitors: row('CephClusterProps', 'monitors', 'next boot'),
    clientId: row('RbdBackedVmProps', 'secret', 'next boot'),
    secretUsage: row('RbdBackedVmProps', 'secret', 'next boot'),
    running: row('RbdBackedVmProps', 'running', 'in place'),
    autostart: row('RbdBackedVmProps', 'autostart', 'in place'),
    shutdownTimeout: row('RbdBackedVmProps', 'shutdownTimeout', 'nothing'),
    restartPolicy: row('RbdBackedVmProps', 'restartPolicy', 'nothing'),
    tags: { effect: 'nothing' },
    diskEntryIds: { effect: 'nothing' },
    entryId: { effect: 'nothing' },
  },
};

/**
 * The effect of a field that is in no table: at most it waits for a boot, or causes a restart if the policy asks for
 * one.
 */
export const UNLISTED: Field = { effect: 'next boot' };
