import type { Command, Tools } from '../steps/tools';
import { type Found, fails, warns } from './finding';

/** Seconds. From the first on, times that are compared between machines are wrong; at the second, tickets of cephx end. */
const SKEWED = 5;
const TICKETS_END = 3600;
const MEND = 'chronyc makestep (or: timedatectl set-ntp true)';

/** How far a machine's clock is from this one's: what the way there and back takes is not held against it. */
export async function clockOf(place: (...argv: string[]) => Command, tools: Tools): Promise<Found[]> {
  const before = Date.now();
  const { stdout } = await tools.attempt(place('date', '+%s.%N'));
  const after = Date.now();
  return judgeClock(Number(stdout) * 1000, before, after);
}

/** All in milliseconds since 1970; a time that is no number tells nothing. */
export function judgeClock(there: number, before: number, after: number): Found[] {
  const off = there > after ? there - after : before - there;
  const seconds = Math.floor(off / 1000);
  if (!(seconds >= SKEWED)) return [];
  const problem = `its clock is ${seconds} s ${there > after ? 'ahead of' : 'behind'} the one where Terraform runs`;
  return seconds >= TICKETS_END
    ? [fails(`${problem}: cephx does not take tickets of another hour`, MEND)]
    : [warns(`${problem}: what is compared by time is judged wrong`, MEND)];
}
