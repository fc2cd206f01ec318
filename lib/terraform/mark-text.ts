import type { IConstruct } from 'constructs';
import { ownerOf } from './owner';
import type { RegistryEntry } from './registry';
import { escapeText } from './escaping';

/**
 * The mark of an object as JSON text, for a resource that carries the mark itself. The entry id is an expression;
 * `more` is what else the kind's mark contains.
 */
export function markText(construct: IConstruct, id: string, entry: RegistryEntry, more: object = {}): string {
  const { project, stack, workspace } = ownerOf(construct);
  const json = (value: string | object): string => escapeText(JSON.stringify(value));
  const members = Object.entries(more).map(([name, value]) => `,"${name}":${json(value as object)}`);
  // Not JSON.stringify of everything: it would escape the quotes inside the two expressions.
  return `{"v":1,"owner":{"project":${json(project)},"stack":${json(stack)},"workspace":"${workspace}"},"id":${json(id)},"entryId":"${entry.entryId}"${members.join('')}}`;
}
