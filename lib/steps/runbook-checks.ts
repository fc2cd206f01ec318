import { localLine } from './runbook-lines';
import type { Word } from './runbook-words';

/** Ends the runbook if a line that `listing` prints begins with the name, so that nothing existing is changed. */
export function absent(listing: string, name: string): string {
  return `${listing} | ${localLine('absent', name)}`;
}

/** The same if `listing` prints JSON. */
export function absentInJson(listing: string, name: string): string {
  return absent(`${listing} | tr -d '", '`, name);
}

/** Ends the runbook if `listing` prints anything. */
export function empty(listing: string): string {
  return `${listing} | empty`;
}

/** Ends the runbook unless the mark that `shown` prints is that of the entry, and contains the rest. */
export function ours(shown: string, entryId: string, ...more: Word[]): string {
  return `${shown} | ${localLine('ours', entryId, ...more)}`;
}

/** Waits until the command no longer prints the text, and ends the runbook if it still does. */
export function unused(text: string, command: string): string {
  return `${localLine('unused', text)} ${command}`;
}
