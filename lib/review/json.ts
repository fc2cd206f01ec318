import type { Review } from './review-types';
import { worst } from './verdicts';

/** The version of the JSON: raised when a member is removed or changes its meaning, but not for new members. */
export const JSON_VERSION = 1;

/** For programs; documented in docs/plans.md. */
export function reviewJson(reviews: readonly Review[]): object {
  return {
    version: JSON_VERSION,
    verdict: worst(reviews.map(({ verdict }) => verdict)),
    plans: reviews.map(({ verdict, stack, workspace, partial, items, notAnalysed, drift, counts }) => ({
      verdict,
      stack,
      workspace,
      partial,
      objects: items,
      notAnalysed,
      drift,
      counts,
    })),
  };
}
