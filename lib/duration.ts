import { Token } from 'cdktf';
import { DURATION_UNITS, type DurationUnit } from './model';

/** A length of time, kept as given. Its text is what a plan shows, "30 days". */
export class Duration {
  public static seconds(n: number): Duration {
    return new Duration(n, 'seconds');
  }
  public static minutes(n: number): Duration {
    return new Duration(n, 'minutes');
  }
  public static days(n: number): Duration {
    return new Duration(n, 'days');
  }

  private constructor(
    private readonly amount: number,
    private readonly unit: DurationUnit,
  ) {}

  /** "30 days". */
  public toString(): string {
    return `${Token.isUnresolved(this.amount) ? Token.asString(this.amount) : this.amount} ${this.unit}`;
  }

  /** @internal In seconds; undefined if the amount is a token. */
  public _seconds(): number | undefined {
    return Token.isUnresolved(this.amount) ? undefined : this.amount * DURATION_UNITS[this.unit];
  }
}
