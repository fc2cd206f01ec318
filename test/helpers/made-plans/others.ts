import type { Action, ResourceChange } from '../../../lib/review';
import { image, type MadePlan, resource } from './plan';

const other = (type: string, actions: Action[], before: object = {}): ResourceChange =>
  resource(type, 'theirs', actions, before, actions.at(-1) === 'delete' ? null : before);
const theirs = (verdict: string, type: string, actions: Action[], before?: object): MadePlan => ({
  changes: [other(type, actions, before)],
  verdicts: [`${verdict} ${type}.theirs`],
});

/** Resources that are not ours. */
export const OF_OTHERS: { readonly [name: string]: MadePlan } = {
  "somebody else's deposed value": {
    changes: [{ ...other('terraform_data', ['delete']), deposed: 'ab12' }],
    verdicts: ['CHANGE terraform_data.theirs'],
  },
  'a volume that leaves': theirs('DATA LOSS', 'libvirt_volume', ['delete']),
  'a volume that changes': theirs('UNKNOWN', 'libvirt_volume', ['update']),
  'a new volume': theirs('SAFE', 'libvirt_volume', ['create']),
  "somebody else's storage pool that leaves": theirs('DATA LOSS', 'libvirt_pool', ['delete']),
  "somebody else's storage pool that leaves and keeps its contents": theirs('ORPHAN', 'libvirt_pool', ['delete'], {
    destroy: { delete: false },
  }),
  "somebody else's storage pool that changes": theirs('CHANGE', 'libvirt_pool', ['update']),
  'a network that leaves': theirs('OUTAGE', 'libvirt_network', ['delete']),
  'a network that changes': theirs('OUTAGE', 'libvirt_network', ['update']),
  "somebody else's domain with UEFI that leaves": theirs('DATA LOSS', 'libvirt_domain', ['delete'], {
    name: 'x',
    os: { firmware: 'efi' },
  }),
  "somebody else's domain that changes": theirs('OUTAGE', 'libvirt_domain', ['update'], { name: 'x' }),
  'a cloud-init disk that the provider replaces': theirs('CHANGE', 'libvirt_cloudinit_disk', ['delete', 'create']),
  'a provider resource of an unknown type that leaves': theirs('UNKNOWN', 'libvirt_nodedev', ['delete']),
  'a resource of an unknown type that leaves': theirs('UNKNOWN', 'random_id', ['delete']),
  'a new resource of an unknown type': theirs('SAFE', 'random_id', ['create']),
  'a resource of an unknown type that changes': theirs('CHANGE', 'random_id', ['update']),
  'a deposed resource of an unknown type': {
    changes: [{ ...other('random_id', ['delete']), deposed: 'ab12' }],
    verdicts: ['UNKNOWN random_id.theirs'],
  },
  "somebody else's script": {
    changes: [other('null_resource', ['create'])],
    blocks: [{ address: 'null_resource.theirs', provisioners: [{ type: 'local-exec' }] }],
    verdicts: ['UNKNOWN null_resource.theirs'],
  },
  "somebody else's script at an address like ours": {
    changes: [image(['create'], 'trash')],
    blocks: [
      {
        address: 'terraform_data.ceph_images',
        provisioners: [{ expressions: { command: { constant_value: 'rm -rf /' } } }],
      },
    ],
    verdicts: ['UNKNOWN terraform_data.ceph_images["vms/a"]'],
  },
  "somebody else's resource that Terraform forgets": theirs('ORPHAN', 'random_id', ['forget']),
  "somebody else's resource that is imported": {
    changes: [resource('random_id', 'theirs', ['no-op'], {}, {}, { change: { importing: { id: 'x' } } as never })],
    verdicts: ['CHANGE random_id.theirs'],
  },
  "somebody else's resource that moves to another address": {
    changes: [{ ...other('random_id', ['no-op']), previous_address: 'random_id.old' }],
    verdicts: ['SAFE random_id.theirs'],
  },
  'a data source that is read': { changes: [{ ...other('http', ['read']), mode: 'data' }], verdicts: [] },
};
