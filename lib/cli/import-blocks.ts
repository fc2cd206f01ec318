import type { OwnerSpec, StoragePoolRemoval } from '../model';
import { storagePoolDifferences } from '../render/storage-pool';
import { textAt, type XmlElement } from '../render/xml';
import { ownerText, sameOwner } from '../steps/ownership/mark';
import { observeDomain } from '../steps/domain/observed-domain';
import { storagePool } from '../steps/storage-pool';
import { findPool } from '../steps/storage-pool/lookup';
import { isOurs } from '../steps/storage-pool/ownership';
import { stateResources } from './ask-terraform';
import { type LostResource, lostResources } from './lost-resources';
import type { Result, Session } from './command-session';
import { evaluate } from './terraform-console';
import { expressionOf, type Stack, terraformBinary } from './terraform-stack';

/** An `import` block. */
export interface Import {
  readonly to: string;
  readonly id: string;
}

/**
 * The `import` blocks for what is on the hosts but not in the state. They include the spec and its confirmation
 * before each resource, although these have nothing to import: Terraform therefore replaces them, and the resource with
 * them, in the order that stops and starts a VM cleanly. If they were only created, `replace_triggered_by` would not
 * fire (Terraform 1.11). The VM's registry entry is not included: a new one is created, so that no old copy of the
 * state has its id.
 *
 * If the state has lost only the resource, nothing would replace it: the provider (0.9.7) would change an imported one
 * in place, and fail. In this case `-replace` of the spec is the way back.
 */
export async function importBlocks(session: Session): Promise<Result> {
  const { stack, tools } = session;
  const inState = new Set((await stateResources(stack, tools)).map(({ address }) => address));
  const [imports, replaced]: [Import[], LostResource[]] = [[], []];
  for (const lost of lostResources(stack, inState)) {
    const found = lost.kind === 'domain' ? await foundDomain(lost, session) : await foundPool(lost, session);
    if (isLostAlone(lost, inState)) replaced.push(...(found.length > 0 ? [lost] : []));
    else imports.push(...found.filter(({ to }) => !inState.has(to)));
  }
  if (replaced.length > 0) tools.warn(replaceText(stack, replaced));
  return { json: imports, lines: imports.length === 0 ? ['# nothing to import'] : imports.flatMap(rendered) };
}

function isLostAlone({ before }: LostResource, inState: ReadonlySet<string>): boolean {
  return before.length > 0 && before.every((address) => inState.has(address));
}

function replaceText({ folder }: Pick<Stack, 'folder'>, replaced: readonly LostResource[]): string {
  const [addresses, options] = [
    replaced.map(({ address }) => address),
    replaced.map(({ before }) => `-replace=${before[0]}`),
  ];
  return `the state has lost only ${addresses.join(', ')}, which is recreated instead of imported: ${terraformBinary()} -chdir=${folder} apply ${options.join(' ')}`;
}

async function foundDomain({ host, name, entry, ...lost }: LostResource, { stack, tools }: Session): Promise<Import[]> {
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
async function foundPool({ host, name, entry, ...lost }: LostResource, { stack, tools }: Session): Promise<Import[]> {
  const found = await findPool(host, name, tools);
  if (found === undefined) return [];
  const wanted = wantedPool(await evaluate(stack, expressionOf(entry ?? null), tools));
  if (wanted && isOurs(found, wanted) && isView(found.definition, wanted)) {
    return imported([lost.address, ...lost.before], found.uuid);
  }
  const how = wanted ? storagePoolDifferences(found.definition, wanted).join(', ') : 'its definition is not known yet';
  tools.warn(`storage pool '${name}' does not belong to this stack (${how}): it is skipped`);
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

function rendered({ to, id }: Import): string[] {
  return ['import {', `  to = ${to}`, `  id = ${JSON.stringify(id)}`, '}'];
}
