import { inComment, markdown, reasonInMarkdown } from './escape';
import { CUTS, cutLine, type Parts } from './comment-cuts';
import { mermaid } from './mermaid';
import { idOf } from './picture';
import { countsLine, headline, titleOf } from './terminal-text';
import type { Item, Review } from './review-types';
import type { Verdict } from './verdicts';

/** GitHub takes 65,536 characters, GitLab 1 MiB. */
export const MAX_LENGTH = 60_000;

const FOLDED: readonly Verdict[] = ['CHANGE', 'SAFE'];
const SIGNS: { readonly [V in Verdict]: string } = {
  'DATA LOSS': '🟥',
  UNKNOWN: '🟥',
  RECOVERABLE: '🟧',
  OUTAGE: '🟨',
  ACCESS: '🟪',
  ORPHAN: '🟦',
  CHANGE: '🟩',
  SAFE: '⬜',
};

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
  const shown = open.length > 0 ? open : folded;
  return [
    `### ${SIGNS[review.verdict]} ${markdown(headline(review))}`,
    ...cutLine(review, folded.length, parts),
    ...(parts.reasons ? table(shown) : [names(shown)]),
    ...list('Not analysed, which counts as data loss', review.notAnalysed),
    ...(parts.folded && open.length > 0 ? details(`Without a risk: ${folded.length} more`, table(folded)) : []),
    ...(parts.values ? details('What changes', valueLines(review.items)) : []),
    ...(parts.resources ? details('Terraform resources behind these objects', resourceLines(review.items)) : []),
    ...(parts.folded
      ? details(
          'Changed outside of Terraform',
          review.drift.map((one) => `- ${markdown(one)}`),
        )
      : []),
    ...(parts.picture ? details('Picture', pictureLines(review)) : []),
    markdown(countsLine(review)),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function table(items: readonly Item[]): string[] {
  if (items.length === 0) return [];
  const rows = items.map((item) => {
    const reasons = item.findings.map(({ reason }) => reasonInMarkdown(reason));
    const back = item.restore === undefined ? [] : [`to restore it: ${markdown(item.restore)}`];
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

/** What the names of our resources mean, for a reader who has not seen them before. */
const LEGEND =
  '`kvm1_domains["web1"]` stands for the VM itself; `web1_spec` records what the code asks for, `web1_spec_confirmed` that it was done, and `..._stops` and `..._started` how it is stopped and started.';

function resourceLines(items: readonly Item[]): string[] {
  const lines = items.flatMap((item) => item.resources.map((one) => `- ${markdown(one)}`));
  return lines.length === 0 ? [] : [LEGEND, '', ...lines];
}

function pictureLines(review: Review): string[] {
  const affected = new Set(
    review.items.flatMap(({ what, name, place, verdict }) => (verdict === 'SAFE' ? [] : [idOf(what, name, place)])),
  );
  const touched = review.picture.some(({ id, change: mark }) => mark !== undefined || affected.has(id));
  return touched ? ['```mermaid', ...mermaid([review]), '```'] : [];
}
