import { plain } from './escape';
import type { Item, Review, Verdict } from './verdict';

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

/** "DATA LOSS: 1 of 7 objects, stack 'prod'"; an empty plan says so. */
export function headline({ verdict, items, stack, workspace }: Review): string {
  const where =
    stack === ''
      ? ''
      : `, stack '${plain(stack)}'${workspace === 'default' ? '' : `, workspace '${plain(workspace)}'`}`;
  if (items.length === 0) return `SAFE: nothing changes${where}`;
  const worst = items.filter((item) => item.verdict === verdict).length;
  return `${verdict}: ${worst} of ${items.length} ${items.length === 1 ? 'object' : 'objects'} that change${items.length === 1 ? 's' : ''}${where}`;
}

/** "image vms/web1-root", "VM web1 on kvm1". */
export function titleOf({ what, name, place }: Item): string {
  const at =
    place === undefined || what === 'image' || what === 'snapshot' || what === 'pool' || what === 'client'
      ? ''
      : ` on ${place}`;
  return what === 'image' || place !== undefined ? `${what} ${name}${at}` : name;
}

export function countsLine({ counts: { add, change, destroy } }: Review): string {
  return `Terraform counts ${add} to add, ${change} to change, ${destroy} to destroy.`;
}

function itemLines(item: Item, painted: (verdict: Verdict, text: string) => string): string[] {
  return [
    `${painted(item.verdict, item.verdict.padEnd(WIDTH))}  ${plain(titleOf(item))}`,
    ...item.findings.map(({ reason }) => `${' '.repeat(WIDTH)}    ${plain(reason)}`),
    ...item.values.map((value) => `${' '.repeat(WIDTH)}    ${plain(value)}`),
    ...(item.restore === undefined ? [] : [`${' '.repeat(WIDTH)}    to bring it back: ${plain(item.restore)}`]),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines.map((line) => `  ${plain(line)}`)];
}
