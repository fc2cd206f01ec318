import { type Found, fails, warns } from './finding';

/** `ceph health detail --format json` */
export interface Health {
  readonly status: string;
  readonly checks?: { readonly [check: string]: { readonly summary: { readonly message: string } } };
}

/**
 * Problems that keep writes from completing, so that an apply would hang. One of many OSDs being down does not do that;
 * unavailable PGs do.
 */
const STOPS_WRITES: readonly RegExp[] = [/^(?:OSD|POOL)_FULL$/, /^PG_AVAILABILITY$/];
const PAUSED = /\b(?:pausewr|pauserd|full)\b/;

const FIXES: { readonly [check: string]: string } = {
  MON_CLOCK_SKEW: 'chronyc makestep, on each monitor (or: timedatectl set-ntp true)',
  OSD_FULL: 'add OSDs, or delete what is not needed: ceph osd df',
  POOL_FULL: 'raise the quota (ceph osd pool set-quota POOL max_bytes N), or delete what is not needed',
  OSDMAP_FLAGS: 'clear the flags: ceph osd unset FLAG',
};

/** Each health check that reports a problem; a cluster that only warns accepts an apply. */
export function judgeHealth({ checks = {} }: Health): Found[] {
  return Object.entries(checks).map(([check, { summary }]) => {
    const problem = `Ceph reports ${check}: ${summary.message}`;
    const fix = FIXES[check] ?? `ceph health detail (and look up ${check} in Ceph's documentation of health checks)`;
    return stopsWrites(check, summary.message) ? fails(problem, fix) : warns(problem, fix);
  });
}

function stopsWrites(check: string, message: string): boolean {
  return check === 'OSDMAP_FLAGS' ? PAUSED.test(message) : STOPS_WRITES.some((pattern) => pattern.test(check));
}
