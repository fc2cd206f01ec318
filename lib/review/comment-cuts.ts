import type { Review } from './review-types';

/** How much a comment shows; the first that fits is used. Data loss and outages are in each. */
export interface Parts {
  readonly picture: boolean;
  readonly resources: boolean;
  readonly values: boolean;
  readonly folded: boolean;
  readonly reasons: boolean;
}
export const CUTS: readonly Parts[] = [
  { picture: true, resources: true, values: true, folded: true, reasons: true },
  { picture: false, resources: true, values: true, folded: true, reasons: true },
  { picture: false, resources: false, values: true, folded: true, reasons: true },
  { picture: false, resources: false, values: false, folded: true, reasons: true },
  { picture: false, resources: false, values: false, folded: false, reasons: true },
  { picture: false, resources: false, values: false, folded: false, reasons: false },
];

/** What is missing from the comment. */
export function cutLine({ items, drift }: Review, folded: number, parts: Parts): string[] {
  const cut = [
    ...(parts.picture ? [] : ['the picture']),
    ...(parts.resources ? [] : [`${items.flatMap(({ resources }) => resources).length} resources`]),
    ...(parts.values ? [] : [`${items.flatMap(({ values }) => values).length} values`]),
    ...(parts.folded ? [] : [`${folded} objects without a risk`, `${drift.length} changes outside of Terraform`]),
    ...(parts.reasons ? [] : ['the reasons']),
  ];
  return cut.length === 0 ? [] : [`**Cut to fit: ${cut.join(', ')}.** \`--format text\` shows everything.`];
}
