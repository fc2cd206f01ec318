import type { Plan, ResourceChange } from './plan';

/** A text that is not a plan that can be judged; `next` is what to do. */
export class PlanError extends Error {
  constructor(
    public readonly problem: string,
    public readonly next: string,
  ) {
    super(`${problem}; ${next}`);
    this.name = 'PlanError';
  }
}

const MAKE_ONE = 'make one with: terraform plan -out=plan && terraform show -json plan';

/** Throws a `PlanError` if the text is empty, cut short, not a plan, of another version, or from a plan that failed. */
export function parsePlan(text: string): Plan {
  if (text.trim() === '') throw new PlanError('it is empty', MAKE_ONE);
  const plan = parsed(text);
  if (typeof plan !== 'object' || plan === null || !('format_version' in plan)) {
    throw new PlanError('it is not a Terraform plan', MAKE_ONE);
  }
  const {
    format_version: version,
    errored,
    resource_changes: changes,
    planned_values: values,
  } = plan as Plan & {
    readonly planned_values?: unknown;
  };
  if (!/^1\.\d+$/.test(version ?? '')) {
    throw new PlanError(
      `its format version is ${JSON.stringify(version)}; this release reads 1.x`,
      'use a newer release',
    );
  }
  if (errored === true)
    throw new PlanError('the plan ended with an error', 'fix what terraform plan reports, and plan again');
  if (changes === undefined && !('configuration' in plan && (values !== undefined || 'complete' in plan))) {
    throw new PlanError('it is a state, not a plan', MAKE_ONE);
  }
  if (changes !== undefined && !(Array.isArray(changes) && changes.every(isChange))) {
    throw new PlanError('its resource_changes are not as Terraform writes them', MAKE_ONE);
  }
  return plan as Plan;
}

/** OpenTofu (1.12) also prints warnings about its own settings on standard output, before the plan. */
const BEGINS = /^\{\s*"format_version"/m;

function parsed(text: string): unknown {
  const begins = text.search(BEGINS);
  try {
    return JSON.parse(begins > 0 ? text.slice(begins) : text) as unknown;
  } catch {
    // Not the parser's own message: it quotes the text, and a plan may contain secrets.
    throw new PlanError(
      begins >= 0 || text.startsWith('{') ? 'it is cut off, or more than one plan' : 'it is not JSON',
      text.startsWith('PK') ? 'that is the plan file itself: terraform show -json PLAN' : MAKE_ONE,
    );
  }
}

function isChange(one: unknown): boolean {
  const { address, type, name, change } = (one ?? {}) as Partial<ResourceChange>;
  return [address, type, name].every((text) => typeof text === 'string') && Array.isArray(change?.actions);
}
