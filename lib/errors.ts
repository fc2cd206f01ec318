import type { IConstruct } from 'constructs';

/** One violated rule. */
export interface Violation {
  /** Stable, for suppressions and searches: 'image-size'. */
  readonly code: string;
  /** The construct's path, 'stack/web1'. */
  readonly path: string;
  /** Names the prop, the rule with its unit, the value and what to do. */
  readonly message: string;
}

/** Thrown at synth for invalid props. Contains all violations of the construct; `code` is that of the first. */
export class ValidationError extends Error {
  public readonly code: string;
  public readonly violations: readonly Violation[];

  constructor(violations: readonly Violation[]) {
    super(violations.map((one) => `[${one.code}] ${one.path}: ${one.message}`).join('\n'));
    this.name = 'ValidationError';
    this.code = violations[0]?.code ?? 'invalid';
    this.violations = violations;
  }

  /** Creates an error with one violation of one construct. */
  public static of(scope: IConstruct, code: string, message: string): ValidationError {
    return new ValidationError([{ code, path: scope.node.path, message }]);
  }
}
