import { plain } from './escape';
import type { Item, Review } from './review-types';
import type { Verdict } from './verdicts';

const COLOURS: { readonly [V in Verdict]: string } = {
  'DATA LOSS': '1;31',
  UNKNOWN: '1;31',
  RECOVERABLE: '33',
  OUTAGE: '1;33',
  ACCESS: '35',
  ORPHAN: '36',
  CHANGE: '32',
  SAFE: '2',
};
const WIDTH = 'RECOVERABLE'.length;

/** For a terminal or a log: the verdict, then one line per object with its reasons below. */
export function reviewText(
  reviews: readonly Review[],
  { colour = false }: { readonly colour?: boolean } = {},
): string[] {
  const painted = (verdict: Verdict, text: string): string =>
    colour ? `\u001b[${COLOURS[verdict]}m${text}\u001b[0m` : text;
  return reviews.flatMap((one, index) => [
    ...(index === 0 ? [] : ['']),
    painted(one.verdict, headline(one)),
    ...one.items.flatMap((item) => itemLines(item, painted)),
    ...section('not analysed, which counts as data loss', one.notAnalysed),
    ...section('changed outside of Terraform', one.drift),
    countsLine(one),
  ]);
}

/** "DATA LOSS: 1 of 7 affected objects, stack 'prod'"; an empty plan says so. */
export function headline({ verdict, items, stack, workspace, partial, notAnalysed }: Review): string {
  const where =
    stack === ''
      ? ''
      : `, stack '${plain(stack)}'${workspace === 'default' ? '' : `, workspace '${plain(workspace)}'`}`;
  const part = partial ? ' (partial plan: it leaves out a part of the stack)' : '';
  if (items.length === 0) return `SAFE: nothing changes${where}${part}`;
  const worst = items.filter((item) => item.verdict === verdict).length;
  const objects = items.length === 1 ? 'object' : 'objects';
  const count =
    worst === items.length ? `${worst} ${objects} affected` : `${worst} of ${items.length} affected objects`;
  const more = verdict === 'DATA LOSS' && notAnalysed.length > 0 ? `, ${notAnalysed.length} not analysed` : '';
  return `${verdict}: ${count}${more}${where}${part}`;
}

/** Objects of the whole cluster: they have no host. */
const OF_CLUSTER: readonly string[] = ['image', 'snapshot', 'pool', 'cephx user'];

/** "image vms/web1-root", "VM web1 on kvm1", "libvirt secret 'client.web secret' on kvm1". */
export function titleOf({ what, name, place }: Item): string {
  if (place === undefined) return what === 'image' ? `${what} ${name}` : name;
  const shown = name.includes(' ') ? `'${name}'` : what === 'cephx user' ? `client.${name}` : name;
  return `${what} ${shown}${OF_CLUSTER.includes(what) ? '' : ` on ${place}`}`;
}

/** Terraform's own counts, and how many of these are no objects. */
export function countsLine({ counts: { add, change, destroy }, records }: Review): string {
  const line = `Terraform counts ${add} to add, ${change} to change, ${destroy} to destroy`;
  if (records === 0) return `${line}.`;
  const are = records === 1 ? 'is a record of settings, not an object' : 'are records of settings, not objects';
  return `${line}; ${records} of these resources ${are} (..._spec, ..._spec_confirmed).`;
}

function itemLines(item: Item, painted: (verdict: Verdict, text: string) => string): string[] {
  return [
    `${painted(item.verdict, item.verdict.padEnd(WIDTH))}  ${plain(titleOf(item))}`,
    ...item.findings.map(({ reason }) => `${' '.repeat(WIDTH)}    ${plain(reason)}`),
    ...item.values.map((value) => `${' '.repeat(WIDTH)}    ${plain(value)}`),
    ...(item.restore === undefined ? [] : [`${' '.repeat(WIDTH)}    to restore it: ${plain(item.restore)}`]),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${plain(line)}`)];
}
