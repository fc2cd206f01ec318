import { Token } from 'cdktf';
import { SIZE_UNITS, type SizeUnit } from './model';

/**
 * An amount of storage or memory, kept as given. Its text is what a plan shows, "20 GiB". The amount may be a token and
 * then stays one.
 */
export class Size {
  public static bytes(n: number): Size {
    return new Size(n, 'bytes');
  }
  public static kibibytes(n: number): Size {
    return new Size(n, 'KiB');
  }
  public static mebibytes(n: number): Size {
    return new Size(n, 'MiB');
  }
  public static gibibytes(n: number): Size {
    return new Size(n, 'GiB');
  }
  public static tebibytes(n: number): Size {
    return new Size(n, 'TiB');
  }

  private constructor(
    private readonly amount: number,
    private readonly unit: SizeUnit,
  ) {}

  /** "20 GiB". */
  public toString(): string {
    return `${Token.isUnresolved(this.amount) ? Token.asString(this.amount) : this.amount} ${this.unit}`;
  }

  /** @internal In bytes; undefined if the amount is a token. */
  public _bytes(): number | undefined {
    return Token.isUnresolved(this.amount) ? undefined : this.amount * SIZE_UNITS[this.unit];
  }
}
