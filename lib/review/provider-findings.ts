import type { PlannedObject } from './objects';
import { blockOf, type Blocks, type ResourceChange } from './plan';
import { powerOff, valuesOf } from './values';
import { type Finding, finding } from './verdicts';

/** What the Terraform provider's resources behind an object mean for it. */
export function providerFindings(object: PlannedObject): Finding[] {
  const domains = object.providers.filter(({ type }) => type === 'libvirt_domain');
  const views = object.providers.filter(
    ({ type, change }) =>
      type === 'libvirt_pool' && !isIdle(change.actions) && isIdle(object.entry?.change.actions ?? []),
  );
  return [
    ...views.map(() => finding('CHANGE', 'the libvirt storage pool is defined again; it holds no data itself')),
    ...domains.flatMap((one) => domainFindings(object, one)),
    ...lostState(object, domains),
  ];
}

const isIdle = (actions: readonly string[]): boolean => actions.every((one) => one === 'no-op' || one === 'read');

function domainFindings({ entry, spec, helpers }: PlannedObject, one: ResourceChange): Finding[] {
  const { actions } = one.change;
  const entryGoes = entry?.change.actions[0] === 'delete' && entry.change.actions.length === 1;
  if (actions.includes('forget')) return [finding('ORPHAN', 'Terraform forgets the domain; it stays as it is')];
  if (actions.includes('update')) {
    return [
      finding(
        'OUTAGE',
        'the provider (0.9.7) applies the change by power-cycling the VM, which is switched off if it still runs after 30 seconds',
      ),
    ];
  }
  if (actions.includes('delete') && actions.includes('create')) return [replaced(spec, helpers)];
  if (actions.includes('delete')) {
    return entryGoes
      ? []
      : [finding('OUTAGE', 'the provider deletes the domain: the VM is shut down and its definition is removed')];
  }
  if (actions.includes('create') && entry !== undefined && !entry.change.actions.includes('create')) {
    return [
      finding(
        'OUTAGE',
        'the provider does not manage this VM yet: if it runs, it is shut down, defined again with the same disks and started',
      ),
    ];
  }
  return [];
}

function replaced(spec: ResourceChange | undefined, helpers: readonly ResourceChange[]): Finding {
  const before = valuesOf(valuesOf(spec?.change.before)['triggers_replace']);
  if (before['running'] === false)
    return finding('CHANGE', 'the VM, which is off, is defined again with the same disks');
  const stop = helpers.find(({ name }) => name.endsWith('_domain_stops'));
  const off = powerOff(valuesOf(valuesOf(stop?.change.before)['input'])['shutdownTimeout']);
  return finding(
    'OUTAGE',
    `the VM restarts, as for every change with PROVIDER: it is shut down (${off}), defined again with the same disks and started`,
  );
}

/** Firmware variables and TPM state are on the host, not in an image, and are removed with the definition. */
function lostState({ entry, spec }: PlannedObject, domains: readonly ResourceChange[]): Finding[] {
  const ends = (one: ResourceChange | undefined): boolean => one?.change.actions.includes('delete') ?? false;
  const before = valuesOf(valuesOf(spec?.change.before)['triggers_replace']);
  const after = valuesOf(valuesOf(spec?.change.after)['triggers_replace']);
  const gone = ends(entry) && entry?.action_reason !== 'replace_because_tainted';
  const lost = [
    ...(gone && isUefi(before) && before['nvram'] === undefined ? ["the UEFI's variables"] : []),
    ...(before['tpm'] === true && (gone || (ends(spec) && after['tpm'] !== true)) ? ["the TPM's state"] : []),
    ...(domains.some((one) => ends(one) && stateOf(one).nvram) ? ["the UEFI's variables"] : []),
    ...(domains.some((one) => ends(one) && stateOf(one).tpm) ? ["the TPM's state"] : []),
  ];
  return [...new Set(lost)].map((what) => finding('DATA LOSS', `${what} on the host is lost with the definition`));
}

/** Machines other than x86 have no other firmware. */
function isUefi({ firmware, architecture }: { readonly [field: string]: unknown }): boolean {
  if (typeof firmware === 'string') return firmware.startsWith('uefi');
  return typeof architecture === 'string' && architecture !== 'x86_64';
}

/** What would be lost with a provider's domain. */
export function stateOf({ change }: ResourceChange): { readonly nvram: boolean; readonly tpm: boolean } {
  const { os, devices } = valuesOf(change.before);
  const { nv_ram: nvram, loader, firmware } = valuesOf(os);
  const tpms = valuesOf(devices)['tpms'];
  const isSet = (value: unknown): boolean => value !== undefined && value !== null;
  return {
    nvram: isSet(nvram) || isSet(loader) || firmware === 'efi',
    tpm: Array.isArray(tpms) && tpms.length > 0,
  };
}

/**
 * With -target only its spec's script runs, which undefines the VM; the provider, which would define it again, does not
 * run.
 */
export function leftUndefined({ kind, scope, spec, providers }: PlannedObject, blocks: Blocks): Finding[] {
  if (kind !== 'domain' || spec === undefined || spec.change.actions.length < 2) return [];
  const path = blockOf(spec).replace(/terraform_data\.[^.]*$/, '');
  const block = `${path}libvirt_domain.${scope}-${spec.name.replace(/_spec$/, '')}`;
  const isPlanned = providers.some(({ type, change }) => type === 'libvirt_domain' && !isIdle(change.actions));
  if (!blocks.has(block) || isPlanned) return [];
  return [
    finding(
      'OUTAGE',
      'this partial plan (-target) removes the definition of the VM and leaves out what would define it again: afterwards only its images exist; plan the whole stack instead',
    ),
  ];
}
