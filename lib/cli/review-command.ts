import { readFileSync } from 'node:fs';
import {
  type Item,
  MAX_LENGTH,
  mermaid,
  parsePlan,
  PlanError,
  reaches,
  type Review,
  review,
  reviewJson,
  reviewMarkdown,
  reviewText,
  type Threshold,
  THRESHOLDS,
} from '../review';
import { Refusal } from '../steps/tools';

export const FORMATS = ['text', 'markdown', 'json', 'mermaid'] as const;

export interface ReviewOptions {
  readonly format?: string;
  readonly failOn?: string;
  readonly allow?: readonly string[];
  readonly maxLength?: string;
  readonly json?: boolean;
}

/** What is printed, and the exit code: 2 if something is at or above `--fail-on` and not allowed. */
export interface Reviewed {
  readonly text: string;
  readonly exitCode: 0 | 2;
}

/** Judges plans, `terraform show -json`, from files or standard input. Throws a `Refusal` for what cannot be judged. */
export function reviewPlans(files: readonly string[], options: ReviewOptions, colour: boolean): Reviewed {
  const format = chosen(options.json ? 'json' : (options.format ?? 'text'), FORMATS, '--format');
  const threshold =
    options.failOn === undefined
      ? undefined
      : chosen(options.failOn, Object.keys(THRESHOLDS) as Threshold[], '--fail-on');
  const maxLength = lengthOf(options.maxLength);
  const reviews = (files.length === 0 ? ['-'] : files).map(read);
  const allowed = options.allow ?? [];
  refuseUnknown(allowed, reviews);
  const stops =
    threshold !== undefined &&
    reviews.some(({ items }) => items.some((one) => !isAllowed(one, allowed) && reaches(one.verdict, threshold)));
  return { text: rendered(reviews, format, maxLength, colour), exitCode: stops ? 2 : 0 };
}

function rendered(
  reviews: readonly Review[],
  format: (typeof FORMATS)[number],
  maxLength: number,
  colour: boolean,
): string {
  switch (format) {
    case 'json':
      return `${JSON.stringify(reviewJson(reviews), undefined, 2)}\n`;
    case 'markdown':
      return reviewMarkdown(reviews, maxLength);
    case 'mermaid':
      return `${mermaid(reviews).join('\n')}\n`;
    default:
      return `${reviewText(reviews, { colour }).join('\n')}\n`;
  }
}

function read(file: string): Review {
  const what = file === '-' ? 'the plan on standard input' : `plan '${file}'`;
  try {
    return review(parsePlan(textOf(file)));
  } catch (error) {
    if (error instanceof PlanError)
      throw new Refusal(`${what} cannot be judged: ${error.problem}`, error.next, 'plan-unreadable');
    throw error;
  }
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new PlanError(
      `it cannot be read (${code ?? 'unknown'})`,
      'name a file that terraform show -json has written, or - for standard input',
    );
  }
}

/** An object by its name, or a resource by its address; never a type. */
function isAllowed({ name, address }: Item, allowed: readonly string[]): boolean {
  return allowed.includes(name) || allowed.includes(address);
}

function refuseUnknown(allowed: readonly string[], reviews: readonly Review[]): void {
  const unknown = allowed.filter((one) => !reviews.some(({ items }) => items.some((item) => isAllowed(item, [one]))));
  if (unknown.length === 0) return;
  throw new Refusal(
    `no object that changes is called ${unknown.map((one) => `'${one}'`).join(', ')}`,
    "give --allow the name or the address of one, as 'review' prints it",
    'object-unknown',
  );
}

function chosen<T extends string>(given: string, among: readonly T[], option: string): T {
  const found = among.find((one) => one === given);
  if (found === undefined) throw new Refusal(`${option} is '${given}'`, `give one of ${among.join(', ')}`, 'option');
  return found;
}

function lengthOf(given: string | undefined): number {
  const length = given === undefined ? MAX_LENGTH : Number(given);
  if (Number.isInteger(length) && length >= 1000) return length;
  throw new Refusal(`--max-length is '${given ?? ''}'`, 'give a number of characters, 1000 at least', 'option');
}
