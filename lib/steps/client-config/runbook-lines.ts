import type { ClientConfigRemoval, ClientConfigSpec } from '../../model';
import { absent, ours } from '../runbook-checks';
import { hostLine, localLine, withText } from '../runbook-lines';
import { literally } from '../runbook-words';
import { BEGIN, blockOf, END } from './section';

/** The empty line terminates a last line without a newline. */
export function sectionByHand(spec: ClientConfigSpec): string[] {
  const { host, confFile, entity } = spec;
  return [
    hostLine(host, 'touch', confFile),
    absent(hostLine(host, 'cat', confFile), `[${entity}]`),
    ...withText(hostLine(host, 'tee', '--append', confFile), `\n${blockOf(spec)}`, 'CONF'),
  ];
}

export function removalByHand({ host, confFile, entity, entryId }: ClientConfigRemoval): string[] {
  const begin = `/^${literally(BEGIN)}.*"id":"${literally(entity)}"/`;
  const end = `${END}${entity}`;
  return [
    ours(`${hostLine(host, 'cat', confFile)} | ${localLine('sed', '-n', `${begin}p`)}`, entryId),
    `${hostLine(host, 'cat', confFile)} | ${localLine('grep', '-Fx', end)}`,
    hostLine(host, 'sed', '-i', '--follow-symlinks', `${begin},/^${literally(end)}$/d`, confFile),
  ];
}
