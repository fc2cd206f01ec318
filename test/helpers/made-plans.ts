import type { Action, Plan, ResourceChange } from '../../lib/review';

/** Plans that no lab makes at will, written as Terraform (1.11) writes them; with the verdict for each object. */
export interface MadePlan {
  readonly changes: readonly ResourceChange[];
  readonly drift?: readonly ResourceChange[];
  readonly blocks?: readonly {
    readonly address: string;
    readonly provisioners?: readonly object[];
    readonly expressions?: object;
  }[];
  readonly verdicts: readonly string[];
}

const owner = { project: 'shop', stack: 'prod', workspace: 'default' };
type Extra = Partial<ResourceChange> & { readonly change?: Partial<ResourceChange['change']> };

function resource(
  type: string,
  name: string,
  actions: Action[],
  before: unknown,
  after: unknown,
  extra: Extra = {},
): ResourceChange {
  const key = extra.index === undefined ? '' : `[${JSON.stringify(extra.index)}]`;
  const { change, ...rest } = extra;
  return {
    address: `${type}.${name}${key}`,
    mode: 'managed',
    type,
    name,
    ...rest,
    change: { actions, before, after, ...change },
  };
}

/** An entry of a registry; `input` is what its removal receives. */
function entry(scope: string, index: string, actions: Action[], input: object, extra: Extra = {}): ResourceChange {
  const value = { id: `id of ${index}`, input: { v: 1, owner, ...input } };
  const made = actions.includes('create') && actions.length === 1;
  const gone = actions.includes('delete') && actions.length === 1;
  return resource('terraform_data', scope, actions, made ? null : value, gone ? null : value, { index, ...extra });
}

function spec(
  name: string,
  entryId: string,
  actions: Action[],
  before: object,
  after: object,
  extra: Extra = {},
): ResourceChange {
  const fields = (own: object): object => ({ triggers_replace: { entryId, ...own } });
  const made = actions.length === 1 && actions[0] === 'create';
  const gone = actions.length === 1 && actions[0] === 'delete';
  return resource(
    'terraform_data',
    `${name}_spec`,
    actions,
    made ? null : fields(before),
    gone ? null : fields(after),
    extra,
  );
}

const KEY_GONE: Extra = { action_reason: 'delete_because_each_key' };
const image = (actions: Action[], removalPolicy: string, extra?: Extra): ResourceChange =>
  entry('ceph_images', 'vms/a', actions, { pool: 'vms', name: 'a', removalPolicy }, extra);
const vm = {
  name: 'web1',
  memory: '2 GiB',
  vcpus: 2,
  running: true,
  restartPolicy: 'now',
  shutdownTimeout: '2 minutes',
};
const web = (actions: Action[], extra?: Extra): ResourceChange =>
  entry('kvm1_domains', 'web1', actions, { name: 'web1', shutdownTimeout: '2 minutes' }, extra);
const vmSpec = (change: object, before: object = vm): ResourceChange =>
  spec('web1', 'id of web1', ['delete', 'create'], before, { ...before, ...change });
const domain = (actions: Action[], more: object = {}): ResourceChange =>
  resource('libvirt_domain', 'kvm1-web1', actions, { name: 'web1', ...more }, { name: 'web1', ...more });
const other = (type: string, actions: Action[], before: object = {}): ResourceChange =>
  resource(type, 'theirs', actions, before, actions.at(-1) === 'delete' ? null : before);
const vmOnly = (verdict: string, ...changes: ResourceChange[]): MadePlan => ({
  changes,
  verdicts: [`${verdict} VM web1 on kvm1`],
});
const theirs = (verdict: string, type: string, actions: Action[], before?: object): MadePlan => ({
  changes: [other(type, actions, before)],
  verdicts: [`${verdict} ${type}.theirs`],
});
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

export const MADE: { readonly [name: string]: MadePlan } = {
  'a removal of a newer version': ofImage('UNKNOWN', {
    ...image(['delete'], 'trash', KEY_GONE),
    change: { actions: ['delete'], before: { id: 't', input: { v: 2, owner, removalPolicy: 'trash' } }, after: null },
  }),
  'a policy that no release knows': ofImage('UNKNOWN', image(['delete'], 'shred', KEY_GONE)),
  'a registry whose block is gone': ofImage(
    'ORPHAN',
    image(['delete'], 'delete', { action_reason: 'delete_because_no_resource_config' }),
  ),
  'an entry that is forgotten': ofImage('ORPHAN', image(['forget'], 'delete')),
  'an entry that is made before its old one goes': ofImage('UNKNOWN', image(['create', 'delete'], 'delete')),
  'a deposed entry': ofImage('DATA LOSS', image(['delete'], 'delete', { deposed: 'ab12' })),
  'a record that is forgotten': ofImage(
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
  'a record that goes alone': ofImage(
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
  'a record whose fields are not known': ofImage(
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
  'a size that is not known': ofImage(
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
  'a record without an object that goes': {
    changes: [spec('a', 'nobody', ['delete'], {}, {})],
    verdicts: ['ORPHAN terraform_data.a_spec'],
  },
  'a record without an object': {
    changes: [spec('a', 'nobody', ['delete', 'create'], {}, {})],
    verdicts: ['UNKNOWN terraform_data.a_spec'],
  },
  'an attached disk': {
    changes: [entry('kvm1_disk_attachments', 'legacy/sdb', ['delete'], {}, KEY_GONE)],
    verdicts: ['OUTAGE disk legacy/sdb on kvm1'],
  },
  'a section of a client': {
    changes: [entry('kvm1_client_configs', 'libvirt', ['delete'], {}, KEY_GONE)],
    verdicts: ['CHANGE configuration of client libvirt on kvm1'],
  },
  'a view that leaves': {
    changes: [entry('kvm1_storage_pools', 'vms', ['delete'], {}, KEY_GONE)],
    verdicts: ['CHANGE libvirt storage pool vms on kvm1'],
  },
  'a stop without its VM': {
    changes: [entry('kvm1_domain_stops', 'web9', ['delete'], {}, KEY_GONE)],
    verdicts: ['UNKNOWN stop web9 on kvm1'],
  },
  'more memory than it may have, at once': vmOnly('OUTAGE', web(['no-op']), vmSpec({ memory: '4 GiB' })),
  'less memory': vmOnly('CHANGE', web(['no-op']), vmSpec({ memory: '1 GiB' })),
  'fewer processors, at once': vmOnly('OUTAGE', web(['no-op']), vmSpec({ vcpus: 1 })),
  'a field that no table has, at once': vmOnly('OUTAGE', web(['no-op']), vmSpec({ unheard: 1 })),
  'a VM that is off': vmOnly('CHANGE', web(['no-op']), vmSpec({ memory: '9 GiB' }, { ...vm, running: false })),
  'a VM that is started': vmOnly('CHANGE', web(['no-op']), vmSpec({ running: true }, { ...vm, running: false })),
  'a VM that starts with its host': vmOnly('CHANGE', web(['no-op']), vmSpec({ autostart: true })),
  'a VM that may run or not': vmOnly(
    'OUTAGE',
    web(['no-op']),
    spec('web1', 'id of web1', ['delete', 'create'], vm, vm, {
      change: { after_unknown: { triggers_replace: { running: true } } } as never,
    }),
  ),
  'a longer time to shut down': vmOnly('SAFE', web(['no-op']), vmSpec({ shutdownTimeout: '9 minutes' })),
  'an interface that comes': vmOnly(
    'CHANGE',
    web(['no-op']),
    vmSpec({ networkInterfaces: [{ macAddress: '52:54:00:00:00:01', model: 'virtio' }] }),
  ),
  'another model of an interface, at once': vmOnly(
    'OUTAGE',
    web(['no-op']),
    vmSpec(
      { networkInterfaces: [{ macAddress: '52:54:00:00:00:01', model: 'e1000e' }] },
      { ...vm, networkInterfaces: [{ macAddress: '52:54:00:00:00:01', model: 'virtio' }] },
    ),
  ),
  'a disk on SATA, at once': vmOnly(
    'OUTAGE',
    web(['no-op']),
    vmSpec({ disks: { sda: { image: 'vms/a', bus: 'sata' } } }, { ...vm, disks: {} }),
  ),
  'another serial number of a disk, at once': vmOnly(
    'OUTAGE',
    web(['no-op']),
    vmSpec(
      { disks: { vdb: { bus: 'virtio', serial: '2' } } },
      { ...vm, disks: { vdb: { bus: 'virtio', serial: '1' } } },
    ),
  ),
  'a disk that is attached again': vmOnly(
    'OUTAGE',
    web(['no-op']),
    entry('kvm1_disk_attachments', 'web1/vdb', ['delete', 'create'], {}, { action_reason: 'replace_by_request' }),
  ),
  'a TPM that leaves': vmOnly('DATA LOSS', web(['no-op']), vmSpec({ tpm: false }, { ...vm, tpm: true })),
  'a VM with UEFI that leaves': vmOnly(
    'DATA LOSS',
    web(['delete'], KEY_GONE),
    spec('web1', 'id of web1', ['delete'], { ...vm, firmware: 'uefi' }, {}),
  ),
  'a VM of another architecture, which has UEFI unsaid, that leaves': vmOnly(
    'DATA LOSS',
    web(['delete'], KEY_GONE),
    spec('web1', 'id of web1', ['delete'], { ...vm, architecture: 'aarch64' }, {}),
  ),
  'a domain that the provider replaces, with UEFI': vmOnly(
    'DATA LOSS',
    web(['no-op']),
    vmSpec({ vcpus: 3 }),
    domain(['delete', 'create'], { os: { nv_ram: { nv_ram: '/x' } } }),
  ),
  'a domain that the provider replaces, with a TPM': vmOnly(
    'DATA LOSS',
    web(['no-op']),
    vmSpec({ vcpus: 3 }),
    domain(['delete', 'create'], { devices: { tpms: [{}] } }),
  ),
  'a domain that is off, replaced': vmOnly(
    'CHANGE',
    web(['no-op']),
    vmSpec({ vcpus: 3 }, { ...vm, running: false }),
    domain(['delete', 'create']),
  ),
  'a domain that the provider changes in place': vmOnly('OUTAGE', web(['no-op']), domain(['update'])),
  'a domain that the provider has lost': vmOnly('OUTAGE', web(['no-op']), domain(['create'])),
  'a domain that only the provider lets go': vmOnly('OUTAGE', web(['no-op']), domain(['delete'])),
  'a domain that Terraform forgets': vmOnly('ORPHAN', web(['no-op']), domain(['forget'])),
  'a domain that waits for another apply': {
    ...vmOnly('OUTAGE', web(['no-op']), vmSpec({ description: 'x' }), domain(['no-op'])),
    blocks: [{ address: 'libvirt_domain.kvm1-web1' }],
  },
  'what was changed by hand': {
    changes: [web(['no-op'])],
    drift: [
      resource('libvirt_domain', 'kvm1-web1', ['update'], { name: 'web1', memory: 1 }, { name: 'web1', memory: 2 }),
      resource('libvirt_domain', 'kvm1-web2', ['update'], { name: 'web2', id: 4 }, { name: 'web2', id: 5 }),
      resource('libvirt_pool', 'kvm1-storage', ['delete'], { name: 'storage' }, null),
    ],
    verdicts: [],
  },
  'a view that the provider makes anew': {
    changes: [
      entry('kvm1_storage_pools', 'storage', ['no-op'], { name: 'storage' }),
      resource('libvirt_pool', 'kvm1-storage', ['delete', 'create'], { name: 'storage' }, { name: 'storage' }),
    ],
    verdicts: ['CHANGE libvirt storage pool storage on kvm1'],
  },
  'a domain that is off, and is made anew': vmOnly(
    'CHANGE',
    web(['no-op']),
    spec('web1', 'id of web1', ['no-op'], { ...vm, running: false }, { ...vm, running: false }),
    domain(['delete', 'create']),
  ),
  'a field of a VM whose domain is not in the code yet': vmOnly(
    'CHANGE',
    web(['no-op']),
    vmSpec({ description: 'x' }),
    domain(['no-op']),
  ),
  'a disk that leaves a VM whose record is as it was': vmOnly(
    'CHANGE',
    web(['no-op']),
    entry('kvm1_disk_attachments', 'web1/vdb', ['delete'], { domain: 'web1', target: 'vdb' }, KEY_GONE),
  ),
  'a VM that moves': {
    changes: [
      web(['delete'], KEY_GONE),
      entry('kvm2_domains', 'web1', ['create'], { name: 'web1', shutdownTimeout: '2 minutes' }),
      vmSpec({}),
    ],
    blocks: [
      {
        address: 'terraform_data.web1_spec',
        expressions: { triggers_replace: { references: ['terraform_data.kvm2_domains["web1"].id'] } },
      },
    ],
    verdicts: ['OUTAGE VM web1 on kvm2'],
  },
  'a record that is updated in place, as none ever is': ofImage(
    'UNKNOWN',
    image(['no-op'], 'trash'),
    spec('a', 'id of vms/a', ['update'], { size: '1 GiB' }, { size: '2 GiB' }),
  ),
  'a pool that is adopted no more': {
    changes: [
      entry('ceph_pools', 'vms', ['no-op'], { name: 'vms' }),
      spec('vms', 'id of vms', ['delete', 'create'], { name: 'vms', adopt: true }, { name: 'vms' }),
    ],
    verdicts: ['SAFE pool vms'],
  },
  'a log file of a client': {
    changes: [
      entry('kvm1_client_configs', 'libvirt', ['no-op'], { entity: 'client.libvirt' }),
      spec('log', 'id of libvirt', ['delete', 'create'], { logFile: '/a' }, { logFile: '/b' }),
    ],
    verdicts: ['CHANGE configuration of client libvirt on kvm1'],
  },
  'a value of somebody that was left over': {
    changes: [{ ...other('terraform_data', ['delete']), deposed: 'ab12' }],
    verdicts: ['CHANGE terraform_data.theirs'],
  },
  'a volume that leaves': theirs('DATA LOSS', 'libvirt_volume', ['delete']),
  'a volume that changes': theirs('UNKNOWN', 'libvirt_volume', ['update']),
  'a volume that comes': theirs('SAFE', 'libvirt_volume', ['create']),
  'a pool of the provider that leaves': theirs('DATA LOSS', 'libvirt_pool', ['delete']),
  'a pool of the provider that keeps what it holds': theirs('ORPHAN', 'libvirt_pool', ['delete'], {
    destroy: { delete: false },
  }),
  'a pool of the provider that changes': theirs('CHANGE', 'libvirt_pool', ['update']),
  'a network that leaves': theirs('OUTAGE', 'libvirt_network', ['delete']),
  'a network that changes': theirs('OUTAGE', 'libvirt_network', ['update']),
  "somebody's domain with UEFI": theirs('DATA LOSS', 'libvirt_domain', ['delete'], {
    name: 'x',
    os: { firmware: 'efi' },
  }),
  "somebody's domain": theirs('OUTAGE', 'libvirt_domain', ['update'], { name: 'x' }),
  'a seed of the provider': theirs('CHANGE', 'libvirt_cloudinit_disk', ['delete', 'create']),
  'a type of the provider that is not known': theirs('UNKNOWN', 'libvirt_nodedev', ['delete']),
  'a type that is not known leaves': theirs('UNKNOWN', 'random_id', ['delete']),
  'a type that is not known comes': theirs('SAFE', 'random_id', ['create']),
  'a type that is not known changes': theirs('CHANGE', 'random_id', ['update']),
  'a deposed resource': {
    changes: [{ ...other('random_id', ['delete']), deposed: 'ab12' }],
    verdicts: ['UNKNOWN random_id.theirs'],
  },
  'a script of somebody': {
    changes: [other('null_resource', ['create'])],
    blocks: [{ address: 'null_resource.theirs', provisioners: [{ type: 'local-exec' }] }],
    verdicts: ['UNKNOWN null_resource.theirs'],
  },
  'a script under an address like ours': {
    changes: [image(['create'], 'trash')],
    blocks: [
      {
        address: 'terraform_data.ceph_images',
        provisioners: [{ expressions: { command: { constant_value: 'rm -rf /' } } }],
      },
    ],
    verdicts: ['UNKNOWN terraform_data.ceph_images["vms/a"]'],
  },
  'something of somebody is forgotten': theirs('ORPHAN', 'random_id', ['forget']),
  'something of somebody is imported': {
    changes: [resource('random_id', 'theirs', ['no-op'], {}, {}, { change: { importing: { id: 'x' } } as never })],
    verdicts: ['CHANGE random_id.theirs'],
  },
  'something of somebody has another address': {
    changes: [{ ...other('random_id', ['no-op']), previous_address: 'random_id.old' }],
    verdicts: ['SAFE random_id.theirs'],
  },
  'data that is read': { changes: [{ ...other('http', ['read']), mode: 'data' }], verdicts: [] },
};

export function madePlan({ changes, drift, blocks = [] }: MadePlan): Plan {
  return {
    format_version: '1.2',
    resource_changes: changes,
    ...(drift ? { resource_drift: drift } : {}),
    configuration: { root_module: { resources: blocks } },
  };
}
