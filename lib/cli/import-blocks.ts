import { entriesOf, type HostSpec, type Kind, type OwnerSpec, type StoragePoolRemoval, virshUri } from '../model';
import { storagePoolDifferences } from '../render/storage-pool';
import { textAt, type XmlElement } from '../render/xml';
import { ownerText, sameOwner } from '../steps/ownership/mark';
import { observeDomain } from '../steps/domain/observed-domain';
import { storagePool } from '../steps/storage-pool';
import { findPool } from '../steps/storage-pool/lookup';
import { isOurs } from '../steps/storage-pool/ownership';
import { evaluate, stateResources } from './ask-terraform';
import type { Result, Session } from './session';
import {
  expressionOf,
  type Stack,
  type Synthesized,
  type SynthesizedEntry,
  type SynthesizedResource,
  terraformBinary,
} from './terraform-stack';

/** An `import` block. */
export interface Import {
  readonly to: string;
  readonly id: string;
}

/** A provider resource that is not in Terraform's state. */
interface Lost {
  readonly address: string;
  readonly kind: Kind;
  readonly name: string;
  readonly host: HostSpec;
  /** Our object before it, and the object's confirmation. */
  readonly before: readonly string[];
  /** Its registry entry as synthesized: its owner, and what it is. */
  readonly entry: SynthesizedEntry | undefined;
}

/**
 * The `import` blocks for what is on the hosts but not in the state. They include the object and its confirmation
 * before each resource, although these have nothing to import: Terraform therefore replaces them, and the resource with
 * them, in the order that stops and starts a VM cleanly. If they were only created, `replace_triggered_by` would not
 * fire (Terraform 1.11). The VM's registry entry is not included: a new one is created, so that no old copy of the
 * state has its id.
 *
 * If the state has lost only the resource, nothing would replace it: the provider (0.9.7) would change an imported one
 * in place, and fail. In this case `-replace` of the object is the way back.
 */
export async function importBlocks(session: Session): Promise<Result> {
  const { stack, tools } = session;
  const inState = new Set((await stateResources(stack, tools)).map(({ address }) => address));
  const [imports, replaced]: [Import[], Lost[]] = [[], []];
  for (const lost of lostOf(stack, inState)) {
    const found = lost.kind === 'domain' ? await foundDomain(lost, session) : await foundPool(lost, session);
    if (isLostAlone(lost, inState)) replaced.push(...(found.length > 0 ? [lost] : []));
    else imports.push(...found.filter(({ to }) => !inState.has(to)));
  }
  if (replaced.length > 0) tools.warn(replaceText(stack, replaced));
  return { json: imports, lines: imports.length === 0 ? ['# nothing to import'] : imports.flatMap(rendered) };
}

function isLostAlone({ before }: Lost, inState: ReadonlySet<string>): boolean {
  return before.length > 0 && before.every((address) => inState.has(address));
}

function replaceText({ folder }: Pick<Stack, 'folder'>, replaced: readonly Lost[]): string {
  const [addresses, options] = [
    replaced.map(({ address }) => address),
    replaced.map(({ before }) => `-replace=${before[0]}`),
  ];
  return `the state has lost only ${addresses.join(', ')}, which is recreated instead of imported: ${terraformBinary()} -chdir=${folder} apply ${options.join(' ')}`;
}

async function foundDomain({ host, name, entry, ...lost }: Lost, { stack, tools }: Session): Promise<Import[]> {
  const found = await observeDomain(tools, host, name);
  const uuid = found && textAt(found.definition, 'uuid');
  if (found === undefined || uuid === undefined) return [];
  const { mark } = found;
  const owner = (await evaluate(stack, expressionOf(entry?.owner ?? null), tools)) as OwnerSpec | null | undefined;
  if (mark === undefined || !owner || !sameOwner(mark.owner, owner)) {
    const whose = mark === undefined ? 'carries no mark' : `belongs to ${ownerText(mark.owner)}`;
    tools.warn(`VM '${name}' ${whose}: it is skipped`);
    return [];
  }
  return imported([lost.address, ...lost.before], uuid);
}

/** It has no mark, and the apply of an import deletes it, so it must be exactly what the stack would make. */
async function foundPool({ host, name, entry, ...lost }: Lost, { stack, tools }: Session): Promise<Import[]> {
  const found = await findPool(host, name, tools);
  if (found === undefined) return [];
  const wanted = wantedPool(await evaluate(stack, expressionOf(entry ?? null), tools));
  if (wanted && isOurs(found, wanted) && isView(found.definition, wanted)) {
    return imported([lost.address, ...lost.before], found.uuid);
  }
  const how = wanted ? storagePoolDifferences(found.definition, wanted).join(', ') : 'its definition is not known yet';
  tools.warn(`storage pool '${name}' was not made by this stack (${how}): it is skipped`);
  return [];
}

/** Undefined if Terraform only knows it after an apply. */
function wantedPool(entry: unknown): StoragePoolRemoval | undefined {
  return entry ? storagePool.parseRemoval({ ...entry, entryId: '' }) : undefined;
}

function isView(definition: XmlElement, { cephPool }: StoragePoolRemoval): boolean {
  return definition.attributes['type'] === 'rbd' && textAt(definition, 'source/name') === cephPool;
}

function imported(addresses: readonly string[], id: string): Import[] {
  return addresses.map((to) => ({ to, id }));
}

export function lostOf({ synthesized }: Pick<Stack, 'synthesized'>, inState: ReadonlySet<string>): Lost[] {
  const { resource = {}, provider } = synthesized;
  const data = resource['terraform_data'] ?? {};
  const lost = (type: string, kind: Kind): Lost[] =>
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

function entryIn({ resource, locals }: Synthesized, kind: Kind, name: string, uri: string): Lost['entry'] {
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

function rendered({ to, id }: Import): string[] {
  return ['import {', `  to = ${to}`, `  id = ${JSON.stringify(id)}`, '}'];
}
