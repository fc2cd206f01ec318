import type { Command, Tools } from '../steps/tools';
import { type Found, fails, warns } from './finding';

/**
 * Seconds. From the first on, comparing times of two machines goes wrong; from the second on, cephx tickets are void.
 */
const SKEWED = 5;
const TICKETS_END = 3600;
const FIX = 'chronyc makestep (or: timedatectl set-ntp true)';

/** How far a machine's clock differs from this one's, less what the round trip may account for. */
export async function clockOf(place: (...argv: string[]) => Command, tools: Tools): Promise<Found[]> {
  const before = Date.now();
  const { stdout } = await tools.attempt(place('date', '+%s.%N'));
  const after = Date.now();
  return judgeClock(Number(stdout) * 1000, before, after);
}

/** All in milliseconds since 1970; a time that is not a number proves nothing. */
export function judgeClock(there: number, before: number, after: number): Found[] {
  const off = there > after ? there - after : before - there;
  const seconds = Math.floor(off / 1000);
  if (!(seconds >= SKEWED)) return [];
  const problem = `its clock is ${seconds} s ${there > after ? 'ahead of' : 'behind'} the one where Terraform runs`;
  return seconds >= TICKETS_END
    ? [fails(`${problem}: a cephx ticket is valid for an hour`, FIX)]
    : [warns(`${problem}: times of the two machines cannot be compared`, FIX)];
}
