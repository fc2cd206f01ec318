import { blockOf, type Blocks, type ResourceChange } from './plan';
import { stateOf } from './provider-findings';
import { valuesOf } from './values';
import { type Finding, finding } from './verdicts';

/** What happens to a resource that is not ours. Undefined: nothing. */
export function foreignResourceFindings(one: ResourceChange, blocks: Blocks): Finding[] | undefined {
  const { actions } = one.change;
  if (actions.includes('forget'))
    return [finding('ORPHAN', 'Terraform forgets it: it stays as it is, and nothing manages it')];
  if (actions.every((action) => action === 'no-op' || action === 'read')) return moved(one);
  const scripts = blocks.get(blockOf(one))?.provisioners ?? [];
  if (scripts.length > 0 && !(actions.length === 1 && actions[0] === 'update')) {
    return [finding('UNKNOWN', 'its provisioner runs a script that no rule knows: read it in the code')];
  }
  if (one.type.startsWith('libvirt_')) return [libvirt(one)];
  if (actions.includes('delete')) return [deleted(one)];
  return [actions[0] === 'create' ? finding('SAFE', 'it is created') : finding('CHANGE', 'it is changed in place')];
}

function moved({ previous_address: from, change }: ResourceChange): Finding[] | undefined {
  if (change.importing !== undefined && change.importing !== null)
    return [finding('CHANGE', 'the existing object comes under management')];
  return from === undefined ? undefined : [finding('SAFE', 'it gets another address in the state, and stays as it is')];
}

/** A `terraform_data` is only a value in the state. */
function deleted({ type }: ResourceChange): Finding {
  if (type === 'terraform_data') return finding('SAFE', 'only a value in the state; no script runs');
  return finding('UNKNOWN', 'no rule knows what deleting this type of resource loses');
}

function libvirt(one: ResourceChange): Finding {
  const { actions, before } = { ...one.change };
  if (actions.length === 1 && actions[0] === 'create') return finding('SAFE', 'it is created');
  const gone = actions.includes('delete');
  switch (one.type) {
    case 'libvirt_volume':
      return gone
        ? finding('DATA LOSS', 'the volume is deleted, with its data')
        : finding('UNKNOWN', 'no rule knows what the provider does to a volume in place');
    case 'libvirt_pool':
      return pool(gone, before);
    case 'libvirt_domain':
      return domain(gone, one);
    case 'libvirt_network':
      return finding(
        'OUTAGE',
        gone
          ? 'the network is deleted: VMs on it lose their link'
          : 'the network restarts: VMs on it lose their link for a moment',
      );
    case 'libvirt_cloudinit_disk':
    case 'libvirt_ignition':
    case 'libvirt_combustion':
      return finding('CHANGE', 'a file that is generated from the code');
    default:
      return finding('UNKNOWN', 'no rule knows this type of the provider');
  }
}

function pool(gone: boolean, before: unknown): Finding {
  if (!gone) return finding('CHANGE', 'the definition of the libvirt storage pool changes');
  return valuesOf(valuesOf(before)['destroy'])['delete'] === false
    ? finding('ORPHAN', 'the libvirt storage pool is removed; its contents are kept, and nothing manages them')
    : finding('DATA LOSS', 'the libvirt storage pool is deleted, and perhaps its contents too');
}

function domain(gone: boolean, one: ResourceChange): Finding {
  const { nvram, tpm } = stateOf(one);
  if (gone && (nvram || tpm))
    return finding('DATA LOSS', 'the definition of the VM is removed, with its UEFI variables and its TPM state');
  return finding(
    'OUTAGE',
    gone
      ? 'the VM is stopped and its definition is removed'
      : 'the provider (0.9.7) applies the change by power-cycling the VM',
  );
}
