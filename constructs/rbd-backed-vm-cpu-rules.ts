import { known, sizeAboveZero, type Rule } from '../lib/validation';
import type { RbdBackedVmProps } from './rbd-backed-vm-props';

/** The rules for the processors and memory that the guest sees. */
export function cpuRules({ cpuTopology, cpuFeatures = {}, vcpus, maxVcpus, hugePageSize }: RbdBackedVmProps): Rule[] {
  const { sockets = 1, cores = 1, threads = 1 } = cpuTopology ?? {};
  const product = sockets * cores * threads;
  const parts = [sockets, cores, threads];
  const maximum = maxVcpus ?? vcpus;
  const wrong = product !== maximum || !parts.every((part) => Number.isInteger(part) && part > 0);
  const bytes = hugePageSize?._bytes();
  const names = Object.keys(cpuFeatures).filter((feature) => !/^[a-z0-9][a-z0-9._-]{0,63}$/.test(feature));
  return [
    {
      code: 'cpu-topology',
      broken: cpuTopology !== undefined && [...parts, maximum].every((one) => known(one)) && wrong,
      message: `'cpuTopology' must be whole numbers whose product is 'maxVcpus', ${maximum}, got ${parts.join(' x ')}; correct one of them`,
    },
    {
      code: 'cpu-features-form',
      broken: names.length > 0,
      message: `'cpuFeatures' must use libvirt's feature names, got ${names.map((one) => JSON.stringify(one)).join(', ')}; 'virsh domcapabilities' lists them`,
    },
    sizeAboveZero('hugePageSize', hugePageSize),
    {
      code: 'huge-page-size',
      broken: bytes !== undefined && bytes > 0 && (bytes % 1024 !== 0 || !Number.isInteger(Math.log2(bytes))),
      message: `'hugePageSize' must be a power of two in whole KiB, got ${String(hugePageSize)}; use Size.mebibytes(2) or Size.gibibytes(1)`,
    },
  ];
}
