import type { CephPoolSpec, ObjectSpec, RbdImageSpec } from '../model';
import { type Field, type Fields, type FieldsOf, row, rows } from './effects';
import { VM_FIELDS } from './effects-of-vms';
import type { PlannedKind } from './objects';

const READ_ONCE = 'only counts when the image is created: the apply changes nothing, and warns';
const RAISED = 'is only ever raised: the apply ignores a lower value';

type Planned<Spec> = FieldsOf<Omit<Spec, keyof ObjectSpec | 'cluster'>>;

const pool: Planned<CephPoolSpec> = {
  name: row('CephPoolProps', 'poolName', 'another'),
  ...rows('CephPoolProps', 'in place', 'autoscaleMode', 'bulk'),
  pgNum: row('CephPoolProps', 'pgNum', 'in place', { note: `${RAISED}; data moves in the background` }),
  size: row('CephPoolProps', 'size', 'in place', { note: `${RAISED}; data moves in the background` }),
  minSize: row('CephPoolProps', 'minSize', 'in place', { note: RAISED }),
  crushRule: row('CephPoolProps', 'crushRule', 'in place', { note: 'data moves in the background' }),
  adopt: row('CephPoolProps', 'adopt', 'nothing'),
};

/** Only during an apply, or not in the fields that a plan shows. */
type Hidden = 'fetch' | 'fetchHeaders' | 'users' | 'seedFile' | 'seedValues';

const image: Planned<Omit<RbdImageSpec, Hidden>> = {
  pool: row('RbdImageProps', 'pool', 'another'),
  name: row('RbdImageProps', 'imageName', 'another'),
  source: row('RbdImageProps', 'source', 'read once', { note: READ_ONCE }),
  size: row('RbdImageProps', 'size', 'live'),
  dataPool: row('RbdImageProps', 'dataPool', 'read once', { note: READ_ONCE }),
  objectSize: row('RbdImageProps', 'objectSize', 'read once', { note: READ_ONCE }),
  features: row('RbdImageProps', 'features', 'read once', { note: READ_ONCE }),
  adopt: row('RbdImageProps', 'adopt', 'in place'),
};

/**
 * The fields of each kind's spec, as plans show them. A field that is missing here counts as the worst that a field can
 * do.
 */
export const FIELDS: { readonly [K in PlannedKind]?: Fields } = {
  'ceph-pool': pool,
  'ceph-client': {
    id: row('CephClientProps', 'clientId', 'another'),
    caps: { effect: 'in place', access: true, note: "the user's capabilities are replaced" },
    keyGeneration: row('CephClientProps', 'keyGeneration', 'in place', {
      access: true,
      note: 'the user gets a new key, in Ceph and in the libvirt secrets; running VMs keep their connections until their ticket ends',
    }),
    adopt: row('CephClientProps', 'adopt', 'in place'),
  },
  'rbd-image': image,
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
    keyGeneration: { effect: 'in place', access: true, note: 'it gets the new key of its user' },
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
        { effect: 'in place', note: 'the libvirt storage pool is defined again; it holds no data itself' },
      ]),
    ),
    autostart: row('CephRbdStoragePoolProps', 'autostart', 'in place'),
    driver: { effect: 'in place', note: 'what defines the libvirt storage pool; the pool itself stays as it is' },
  },
  disk: {
    ...Object.fromEntries(['domain', 'target'].map((name): [string, Field] => [name, { effect: 'another' }])),
    ...Object.fromEntries(
      ['monitors', 'clientId', 'secretUsage'].map((name): [string, Field] => [name, { effect: 'next boot' }]),
    ),
    disk: row('RbdDiskAttachmentProps', 'disk', 'next boot'),
  },
  domain: VM_FIELDS,
};
