import type { ClientConfigRemoval, ClientConfigSpec } from '../../model';
import { type Mark, markFor, parseMark } from '../ownership/mark';

export const BEGIN = '# BEGIN cdktf-libvirt-ceph ';
export const END = '# END cdktf-libvirt-ceph ';

/** Precedes a block after a line without a newline: the newline is removed again with the block. */
const NO_NEWLINE = '\n# The line above had no end.\n';

/** Our block for one entity in the text of a file; everything else is kept byte for byte. */
export interface FoundBlock {
  readonly mark: Mark;
  readonly text: string;
}

export interface SplitFile {
  readonly before: string;
  readonly block: FoundBlock | undefined;
  readonly after: string;
}

/** The marked block of a client, as it stands in the file. */
export function blockOf(spec: ClientConfigSpec): string {
  const { entity, logFile, adminSocket } = spec;
  return [
    `${BEGIN}${JSON.stringify(markFor(spec, entity))}`,
    `[${entity}]`,
    ...(logFile === undefined ? [] : [`log file = ${logFile}`]),
    ...(adminSocket === undefined ? [] : [`admin socket = ${adminSocket}`]),
    `${END}${entity}`,
    '',
  ].join('\n');
}

/** A block without its end does not count: its section then belongs to another owner. */
export function splitFile(content: string, entity: string): SplitFile {
  for (let from = 0; ; from++) {
    from = content.indexOf(BEGIN, from);
    if (from < 0) return { before: content, block: undefined, after: '' };
    const mark = parseMark(content.slice(from + BEGIN.length).split('\n', 1)[0]);
    const end = content.indexOf(`${END}${entity}\n`, from);
    if (mark?.id !== entity || end < 0) continue;
    const to = end + `${END}${entity}\n`.length;
    const before = withoutEnd(content.slice(0, from));
    return { before, block: { mark, text: content.slice(from, to) }, after: content.slice(to) };
  }
}

function withoutEnd(before: string): string {
  return before.endsWith(NO_NEWLINE) ? before.slice(0, -NO_NEWLINE.length) : before;
}

/** True if the client has a section outside our block. */
export function hasOwnSection({ before, after }: SplitFile, entity: string): boolean {
  const sections = `${before}\n${after}`.split('\n').map((line) => /^\s*\[\s*([^\]]*?)\s*\]/.exec(line)?.[1]);
  return sections.includes(entity);
}

/** The file with the block in its place, or at the end; an empty block removes it. */
export function joinFile({ before, after }: SplitFile, block: string): string {
  const rest = `${block}${after}`;
  if (before === '' || before.endsWith('\n') || rest === '') return `${before}${rest}`;
  // What others wrote after our block stays on its own lines.
  return `${before}${rest.startsWith(BEGIN) ? NO_NEWLINE : '\n'}${rest}`;
}

export function titleOf({ entity, confFile }: ClientConfigSpec | ClientConfigRemoval): string {
  return `section [${entity}] of '${confFile}'`;
}
