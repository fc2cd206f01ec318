/** What a change means for whoever depends on the object, the worst first. */
export const VERDICTS = [
  'DATA LOSS',
  'UNKNOWN',
  'RECOVERABLE',
  'OUTAGE',
  'ACCESS',
  'ORPHAN',
  'CHANGE',
  'SAFE',
] as const;
export type Verdict = (typeof VERDICTS)[number];

/** Verdicts on which a pipeline may fail. */
export const THRESHOLDS = { 'data-loss': 'UNKNOWN', outage: 'OUTAGE', access: 'ACCESS', change: 'CHANGE' } as const;
export type Threshold = keyof typeof THRESHOLDS;

/** One finding, and the reason for its verdict. */
export interface Finding {
  readonly verdict: Verdict;
  readonly reason: string;
}

export const finding = (verdict: Verdict, reason: string): Finding => ({ verdict, reason });

export function worst(verdicts: readonly Verdict[]): Verdict {
  return VERDICTS.find((one) => verdicts.includes(one)) ?? 'SAFE';
}

/** True at or above the threshold; what cannot be judged counts as data loss. */
export function reaches(verdict: Verdict, threshold: Threshold): boolean {
  return VERDICTS.indexOf(verdict) <= VERDICTS.indexOf(THRESHOLDS[threshold]);
}
