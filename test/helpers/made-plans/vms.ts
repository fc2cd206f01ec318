import type { Action, ResourceChange } from '../../../lib/review';
import { entry, type Extra, KEY_GONE, type MadePlan, resource, spec } from './plan';

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
const vmOnly = (verdict: string, ...changes: ResourceChange[]): MadePlan => ({
  changes,
  verdicts: [`${verdict} VM web1 on kvm1`],
});

/** VMs, with the domains that the provider manages. */
export const OF_VMS: { readonly [name: string]: MadePlan } = {
  'more memory than the VM may have, at once': vmOnly('OUTAGE', web(['no-op']), vmSpec({ memory: '4 GiB' })),
  'less memory': vmOnly('CHANGE', web(['no-op']), vmSpec({ memory: '1 GiB' })),
  'fewer processors, at once': vmOnly('OUTAGE', web(['no-op']), vmSpec({ vcpus: 1 })),
  'a field that no table knows, at once': vmOnly('OUTAGE', web(['no-op']), vmSpec({ unheard: 1 })),
  'a change of a VM that is off': vmOnly(
    'CHANGE',
    web(['no-op']),
    vmSpec({ memory: '9 GiB' }, { ...vm, running: false }),
  ),
  'a VM that is started': vmOnly('CHANGE', web(['no-op']), vmSpec({ running: true }, { ...vm, running: false })),
  'a VM that starts with its host': vmOnly('CHANGE', web(['no-op']), vmSpec({ autostart: true })),
  'a VM of which only the apply knows whether it runs': vmOnly(
    'OUTAGE',
    web(['no-op']),
    spec('web1', 'id of web1', ['delete', 'create'], vm, vm, {
      change: { after_unknown: { triggers_replace: { running: true } } } as never,
    }),
  ),
  'a longer shutdown timeout': vmOnly('SAFE', web(['no-op']), vmSpec({ shutdownTimeout: '9 minutes' })),
  'a new interface': vmOnly(
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
  'a VM that leaves and has UEFI by default, because of its architecture': vmOnly(
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
  'a domain that is off and replaced with its record': vmOnly(
    'CHANGE',
    web(['no-op']),
    vmSpec({ vcpus: 3 }, { ...vm, running: false }),
    domain(['delete', 'create']),
  ),
  'a domain that the provider changes in place': vmOnly('OUTAGE', web(['no-op']), domain(['update'])),
  'a domain that the provider has lost': vmOnly('OUTAGE', web(['no-op']), domain(['create'])),
  'a domain that only the provider deletes': vmOnly('OUTAGE', web(['no-op']), domain(['delete'])),
  'a domain that Terraform forgets': vmOnly('ORPHAN', web(['no-op']), domain(['forget'])),
  'a domain that waits for another apply': {
    ...vmOnly('OUTAGE', web(['no-op']), vmSpec({ description: 'x' }), domain(['no-op'])),
    blocks: [{ address: 'libvirt_domain.kvm1-web1' }],
  },
  'changes made by hand': {
    changes: [web(['no-op'])],
    drift: [
      resource('libvirt_domain', 'kvm1-web1', ['update'], { name: 'web1', memory: 1 }, { name: 'web1', memory: 2 }),
      resource('libvirt_domain', 'kvm1-web2', ['update'], { name: 'web2', id: 4 }, { name: 'web2', id: 5 }),
      resource('libvirt_pool', 'kvm1-storage', ['delete'], { name: 'storage' }, null),
    ],
    verdicts: [],
  },
  'a domain that is off and replaced without its record': vmOnly(
    'CHANGE',
    web(['no-op']),
    spec('web1', 'id of web1', ['no-op'], { ...vm, running: false }, { ...vm, running: false }),
    domain(['delete', 'create']),
  ),
  'a field of a VM whose domain is not in the configuration yet': vmOnly(
    'CHANGE',
    web(['no-op']),
    vmSpec({ description: 'x' }),
    domain(['no-op']),
  ),
  'a disk that leaves a VM whose record stays the same': vmOnly(
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
};
