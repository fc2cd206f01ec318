import type { IConstruct } from 'constructs';
import { ownerOf } from './owner';
import type { RegistryEntry } from './registry';
import { escapeText } from './text';

/** The mark of an object as JSON text, for a resource that carries it itself. The token is an expression. */
export function markText(construct: IConstruct, id: string, entry: RegistryEntry): string {
  const { project, stack, workspace } = ownerOf(construct);
  const json = (text: string): string => escapeText(JSON.stringify(text));
  // Not JSON.stringify over the whole: it would quote the quotes inside the two expressions.
  return `{"v":1,"owner":{"project":${json(project)},"stack":${json(stack)},"workspace":"${workspace}"},"id":${json(id)},"token":"${entry.token}"}`;
}
