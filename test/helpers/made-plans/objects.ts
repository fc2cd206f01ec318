import type { ResourceChange } from '../../../lib/review';
import { entry, image, KEY_GONE, type MadePlan, owner, resource, spec } from './plan';

const ofImage = (verdict: string, ...changes: ResourceChange[]): MadePlan => ({
  changes,
  verdicts: [`${verdict} image vms/a`],
});

const ITS_ENTRY = [
  {
    address: 'terraform_data.a_spec',
    expressions: { triggers_replace: { references: ['terraform_data.ceph_images["vms/a"].id'] } },
  },
];

/** Entries and records of everything but VMs. */
export const OF_OBJECTS: { readonly [name: string]: MadePlan } = {
  'a removal of a newer version': ofImage('UNKNOWN', {
    ...image(['delete'], 'trash', KEY_GONE),
    change: { actions: ['delete'], before: { id: 't', input: { v: 2, owner, removalPolicy: 'trash' } }, after: null },
  }),
  'a policy that no release knows': ofImage('UNKNOWN', image(['delete'], 'shred', KEY_GONE)),
  'a registry whose block is gone': ofImage(
    'ORPHAN',
    image(['delete'], 'delete', { action_reason: 'delete_because_no_resource_config' }),
  ),
  'an entry that Terraform forgets': ofImage('ORPHAN', image(['forget'], 'delete')),
  'an entry that is created before the old one is deleted': ofImage('UNKNOWN', image(['create', 'delete'], 'delete')),
  'a deposed entry': ofImage('DATA LOSS', image(['delete'], 'delete', { deposed: 'ab12' })),
  'a record that Terraform forgets': ofImage(
    'ORPHAN',
    image(['no-op'], 'trash'),
    spec('a', 'id of vms/a', ['forget'], {}, {}),
  ),
  'an entry that is imported': ofImage(
    'CHANGE',
    image(['no-op'], 'trash', { change: { importing: { id: 'x' } } as never }),
  ),
  'another owner': ofImage(
    'CHANGE',
    resource(
      'terraform_data',
      'ceph_images',
      ['update'],
      { id: 't', input: { v: 1, owner, removalPolicy: 'trash' } },
      { id: 't', input: { v: 1, owner: { ...owner, stack: 'shop' }, removalPolicy: 'trash' } },
      { index: 'vms/a' },
    ),
  ),
  'another way to the cluster': ofImage(
    'SAFE',
    resource(
      'terraform_data',
      'ceph_images',
      ['update'],
      { id: 't', input: { v: 1, owner, cluster: 1 } },
      { id: 't', input: { v: 1, owner, cluster: 2 } },
      { index: 'vms/a' },
    ),
  ),
  'an entry that the state has lost': {
    ...ofImage(
      'CHANGE',
      image(['create'], 'trash'),
      spec('a', 'id of vms/a', ['delete', 'create'], { size: '1 GiB' }, { size: '1 GiB' }),
    ),
    blocks: ITS_ENTRY,
  },
  'a record that the state has lost': {
    ...ofImage(
      'CHANGE',
      image(['no-op'], 'trash'),
      resource('terraform_data', 'a_spec', ['create'], null, { triggers_replace: { entryId: 'id of vms/a' } }),
    ),
    blocks: ITS_ENTRY,
  },
  'a record that leaves alone': ofImage(
    'CHANGE',
    image(['no-op'], 'trash'),
    spec('a', 'id of vms/a', ['delete'], {}, {}),
  ),
  'a confirmation that the state has lost': ofImage(
    'CHANGE',
    image(['no-op'], 'trash'),
    spec('a', 'id of vms/a', ['no-op'], {}, {}),
    resource('terraform_data', 'a_spec_confirmed', ['create'], null, {}),
  ),
  'a record whose fields only the apply knows': ofImage(
    'UNKNOWN',
    image(['no-op'], 'trash'),
    spec(
      'a',
      'id of vms/a',
      ['delete', 'create'],
      { size: '1 GiB' },
      {},
      { change: { after: {}, after_unknown: { triggers_replace: true } } as never },
    ),
  ),
  'a size that only the apply knows': ofImage(
    'CHANGE',
    image(['no-op'], 'trash'),
    spec(
      'a',
      'id of vms/a',
      ['delete', 'create'],
      { size: '1 GiB' },
      {},
      { change: { after_unknown: { triggers_replace: { size: true } } } as never },
    ),
  ),
  'a record that leaves and has no entry': {
    changes: [spec('a', 'nobody', ['delete'], {}, {})],
    verdicts: ['ORPHAN terraform_data.a_spec'],
  },
  'a record that changes and has no entry': {
    changes: [spec('a', 'nobody', ['delete', 'create'], {}, {})],
    verdicts: ['UNKNOWN terraform_data.a_spec'],
  },
  'a disk that is detached': {
    changes: [entry('kvm1_disk_attachments', 'legacy/sdb', ['delete'], {}, KEY_GONE)],
    verdicts: ['OUTAGE disk legacy/sdb on kvm1'],
  },
  "a client's configuration that leaves": {
    changes: [entry('kvm1_client_configs', 'libvirt', ['delete'], {}, KEY_GONE)],
    verdicts: ['CHANGE configuration of client libvirt on kvm1'],
  },
  'a libvirt storage pool that leaves': {
    changes: [entry('kvm1_storage_pools', 'vms', ['delete'], {}, KEY_GONE)],
    verdicts: ['CHANGE libvirt storage pool vms on kvm1'],
  },
  'a stop without its VM': {
    changes: [entry('kvm1_domain_stops', 'web9', ['delete'], {}, KEY_GONE)],
    verdicts: ['UNKNOWN stop web9 on kvm1'],
  },
  'a libvirt storage pool that the provider replaces': {
    changes: [
      entry('kvm1_storage_pools', 'storage', ['no-op'], { name: 'storage' }),
      resource('libvirt_pool', 'kvm1-storage', ['delete', 'create'], { name: 'storage' }, { name: 'storage' }),
    ],
    verdicts: ['CHANGE libvirt storage pool storage on kvm1'],
  },
  'a record that is updated in place, which never happens': ofImage(
    'UNKNOWN',
    image(['no-op'], 'trash'),
    spec('a', 'id of vms/a', ['update'], { size: '1 GiB' }, { size: '2 GiB' }),
  ),
  'a pool that is no longer adopted': {
    changes: [
      entry('ceph_pools', 'vms', ['no-op'], { name: 'vms' }),
      spec('vms', 'id of vms', ['delete', 'create'], { name: 'vms', adopt: true }, { name: 'vms' }),
    ],
    verdicts: ['SAFE pool vms'],
  },
  'another log file of a client': {
    changes: [
      entry('kvm1_client_configs', 'libvirt', ['no-op'], { entity: 'client.libvirt' }),
      spec('log', 'id of libvirt', ['delete', 'create'], { logFile: '/a' }, { logFile: '/b' }),
    ],
    verdicts: ['CHANGE configuration of client libvirt on kvm1'],
  },
};
