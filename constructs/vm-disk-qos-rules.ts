import { known, sizeAboveZero, wholeNumber, type Rule } from '../lib/validation';
import type { VmDiskQos } from './vm-disk';

const SIZES = ['totalBytesPerSecond', 'readBytesPerSecond', 'writeBytesPerSecond', 'burstBytesPerSecond'] as const;
const COUNTS = ['totalIops', 'readIops', 'writeIops', 'burstIops'] as const;

/** The rules for a disk's limits. */
export function qosRules(qos: VmDiskQos): Rule[] {
  const seconds = qos.burstDuration?._seconds();
  const least = (limit: number | undefined, burst: number | undefined): boolean =>
    known(limit) && known(burst) && burst < limit;
  return [
    ...SIZES.map((limit) => sizeAboveZero(limit, qos[limit])),
    ...COUNTS.map((limit) => wholeNumber(limit, qos[limit], 1, 1_000_000_000, 'omit it for no limit')),
    totalRule('totalBytesPerSecond', qos.totalBytesPerSecond, qos.readBytesPerSecond ?? qos.writeBytesPerSecond),
    totalRule('totalIops', qos.totalIops, qos.readIops ?? qos.writeIops),
    burstRule('burstBytesPerSecond', 'totalBytesPerSecond', qos.burstBytesPerSecond, qos.totalBytesPerSecond, (to) =>
      least(to?._bytes(), qos.burstBytesPerSecond?._bytes()),
    ),
    burstRule('burstIops', 'totalIops', qos.burstIops, qos.totalIops, (to) => least(to, qos.burstIops)),
    {
      code: 'burst-duration',
      broken:
        qos.burstDuration !== undefined &&
        ((seconds !== undefined && !(Number.isInteger(seconds) && seconds > 0)) ||
          (qos.burstBytesPerSecond === undefined && qos.burstIops === undefined)),
      message: `'burstDuration' must be above zero, in whole seconds, and requires a burst, got ${String(qos.burstDuration)}; use, for example, Duration.seconds(10), or omit it`,
    },
  ];
}

function totalRule(limit: string, total: unknown, part: unknown): Rule {
  return {
    code: 'qos-total-or-parts',
    broken: total !== undefined && part !== undefined,
    message: `'${limit}' must not be combined with limits for reads or writes of the same kind, got both; use only one kind`,
  };
}

function burstRule<T>(burst: string, limit: string, given: T, of: T, tooSmall: (of: T) => boolean): Rule {
  return {
    code: 'qos-burst',
    broken: given !== undefined && (of === undefined || tooSmall(of)),
    message: `'${burst}' requires '${limit}' and must be at least that, got ${String(given)} with ${String(of ?? 'none')}; raise it`,
  };
}
