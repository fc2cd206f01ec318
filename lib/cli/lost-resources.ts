import { entriesOf, type HostSpec, type Kind, virshUri } from '../model';
import type { Stack, Synthesized, SynthesizedEntry, SynthesizedResource } from './terraform-stack';

/** A provider resource that is not in Terraform's state. */
export interface LostResource {
  readonly address: string;
  readonly kind: Kind;
  readonly name: string;
  readonly host: HostSpec;
  /** The spec of its object, which comes before it, and the spec's confirmation. */
  readonly before: readonly string[];
  /** Its registry entry as synthesized: its owner, and what it is. */
  readonly entry: SynthesizedEntry | undefined;
}

/** The storage pools and VMs that are synthesized and not in the state. */
export function lostResources(
  { synthesized }: Pick<Stack, 'synthesized'>,
  inState: ReadonlySet<string>,
): LostResource[] {
  const { resource = {}, provider } = synthesized;
  const data = resource['terraform_data'] ?? {};
  const lost = (type: string, kind: Kind): LostResource[] =>
    Object.entries(resource[type] ?? {}).flatMap(([id, one]) => {
      const address = `${type}.${id}`;
      const uri = provider?.libvirt?.find(({ alias }) => `libvirt.${alias}` === one.provider)?.uri;
      if (inState.has(address) || one.name === undefined || uri === undefined) return [];
      const host: HostSpec = { uri: virshUri(uri), transport: { type: 'local' } };
      const confirmed = (one.depends_on ?? []).filter((after) => commandOf(data, after).endsWith(` ${kind} complete`));
      const before = confirmed.flatMap((after) => [...(resourceAt(data, after)?.depends_on ?? []), after]);
      return [{ address, kind, name: one.name, host, before, entry: entryIn(synthesized, kind, one.name, host.uri) }];
    });
  return [...lost('libvirt_pool', 'storage-pool'), ...lost('libvirt_domain', 'domain')];
}

type Resources = { readonly [name: string]: SynthesizedResource };

function entryIn({ resource, locals }: Synthesized, kind: Kind, name: string, uri: string): LostResource['entry'] {
  const data = resource?.['terraform_data'] ?? {};
  for (const id of Object.keys(data)) {
    const entries = locals?.[entriesOf(id)] as { readonly [key: string]: SynthesizedEntry } | undefined;
    const entry = entries?.[name];
    if (entry?.host?.uri === uri && commandOf(data, `terraform_data.${id}`).endsWith(` ${kind} remove`)) return entry;
  }
  return undefined;
}

function resourceAt(data: Resources, address: string): SynthesizedResource | undefined {
  return data[address.replace('terraform_data.', '')];
}

function commandOf(data: Resources, address: string): string {
  return resourceAt(data, address)?.provisioner?.[0]?.['local-exec'].command ?? '';
}
