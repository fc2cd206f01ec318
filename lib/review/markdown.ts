import { inComment, markdown, reasonInMarkdown } from './escape';
import { mermaid } from './mermaid';
import { countsLine, headline, titleOf } from './text';
import type { Item, Review, Verdict } from './verdict';

/** GitHub takes 65,536 characters, GitLab 1 MiB. */
export const MAX_LENGTH = 60_000;

const FOLDED: readonly Verdict[] = ['CHANGE', 'SAFE'];
const SIGNS: { readonly [V in Verdict]: string } = {
  'DATA LOSS': '🟥',
  UNKNOWN: '🟥',
  RECOVERABLE: '🟧',
  OUTAGE: '🟧',
  ACCESS: '🟪',
  ORPHAN: '🟦',
  CHANGE: '🟩',
  SAFE: '⬜',
};

/** How much a comment shows; the first that fits is used. Data loss and outages are in each. */
interface Parts {
  readonly picture: boolean;
  readonly resources: boolean;
  readonly values: boolean;
  readonly folded: boolean;
  readonly reasons: boolean;
}
const CUTS: readonly Parts[] = [
  { picture: true, resources: true, values: true, folded: true, reasons: true },
  { picture: false, resources: true, values: true, folded: true, reasons: true },
  { picture: false, resources: false, values: true, folded: true, reasons: true },
  { picture: false, resources: false, values: false, folded: true, reasons: true },
  { picture: false, resources: false, values: false, folded: false, reasons: true },
  { picture: false, resources: false, values: false, folded: false, reasons: false },
];

/** A comment for GitHub, GitLab or Gitea. What does not fit is cut from the end, and counted where a reader sees it. */
export function reviewMarkdown(reviews: readonly Review[], maxLength = MAX_LENGTH): string {
  let text = '';
  for (const parts of CUTS) {
    text = `${marker(reviews)}\n${reviews.map((one) => section(one, parts)).join('\n\n')}\n`;
    if (text.length <= maxLength) return text;
  }
  return text;
}

/** By this a pipeline finds its earlier comment: one for each stack and workspace. */
export function marker(reviews: readonly Review[]): string {
  const about = reviews.map(({ stack, workspace }) => `${inComment(stack)}/${inComment(workspace)}`);
  return `<!-- cdktf-libvirt-ceph review ${about.join(' ')} -->`;
}

function section(review: Review, parts: Parts): string {
  const [folded, open] = [
    review.items.filter(({ verdict }) => FOLDED.includes(verdict)),
    review.items.filter(({ verdict }) => !FOLDED.includes(verdict)),
  ];
  return [
    `### ${SIGNS[review.verdict]} ${markdown(headline(review))}`,
    ...cutLine(review, folded.length, parts),
    ...(parts.reasons ? table(open) : [names(open)]),
    ...list('Not analysed, which counts as data loss', review.notAnalysed),
    ...(parts.folded
      ? details(
          `${folded.length} more that ${folded.length === 1 ? 'is' : 'are'} changed in place, or safe`,
          table(folded),
        )
      : []),
    ...(parts.values ? details('What changes', valueLines(review.items)) : []),
    ...(parts.resources ? details('Resources of the plan', resourceLines(review.items)) : []),
    ...(parts.folded
      ? details(
          'Changed outside of Terraform',
          review.drift.map((one) => `- ${markdown(one)}`),
        )
      : []),
    ...(parts.picture && review.items.length > 0 ? details('Picture', pictureLines(review)) : []),
    countsLine(review),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function cutLine({ items, drift }: Review, folded: number, parts: Parts): string[] {
  const cut = [
    ...(parts.picture ? [] : ['the picture']),
    ...(parts.resources ? [] : [`${items.flatMap(({ resources }) => resources).length} resources`]),
    ...(parts.values ? [] : [`${items.flatMap(({ values }) => values).length} values`]),
    ...(parts.folded
      ? []
      : [`${folded} objects that are changed in place or safe`, `${drift.length} that were changed outside`]),
    ...(parts.reasons ? [] : ['the reasons']),
  ];
  return cut.length === 0 ? [] : [`**Cut to fit: ${cut.join(', ')}.** \`--format text\` has all.`];
}

function table(items: readonly Item[]): string[] {
  if (items.length === 0) return [];
  const rows = items.map((item) => {
    const reasons = item.findings.map(({ reason }) => reasonInMarkdown(reason));
    const back = item.restore === undefined ? [] : [`to bring it back: ${markdown(item.restore)}`];
    return `| ${SIGNS[item.verdict]} ${item.verdict} | ${markdown(titleOf(item))} | ${[...reasons, ...back].join('<br>')} |`;
  });
  return [['| verdict | object | what the apply does |', '| --- | --- | --- |', ...rows].join('\n')];
}

function names(items: readonly Item[]): string {
  return items.map((item) => `${item.verdict}: ${markdown(titleOf(item))}`).join('<br>\n');
}

function list(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`**${title}:** ${lines.map(markdown).join(', ')}`];
}

function details(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : [`<details><summary>${title}</summary>\n\n${lines.join('\n')}\n\n</details>`];
}

function valueLines(items: readonly Item[]): string[] {
  return items
    .filter(({ values }) => values.length > 0)
    .map((item) => `- ${markdown(titleOf(item))}: ${item.values.map(markdown).join('; ')}`);
}

function resourceLines(items: readonly Item[]): string[] {
  return items.flatMap((item) => item.resources.map((one) => `- ${markdown(one)}`));
}

function pictureLines(review: Review): string[] {
  const lines = mermaid([review]);
  return lines.length <= 1 ? [] : ['```mermaid', ...lines, '```'];
}
