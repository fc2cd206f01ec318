import { errorText } from '../exec/messages';
import { Stopped } from '../exec/children';
import { Refusal } from '../steps/tools';

/** 'fails': the apply would fail. 'warns': it would not, but a reader should know. */
export type Level = 'fails' | 'warns';

export interface Finding {
  readonly level: Level;
  /** Where it was found: "Ceph on root@mon1", "host qemu+ssh://root@kvm1/system". */
  readonly place: string;
  readonly problem: string;
  /** The command that fixes it, or a step if there is no command. */
  readonly fix: string;
}

/** A finding of one check; the caller knows its place. */
export type Found = Omit<Finding, 'place'>;

export const fails = (problem: string, fix: string): Found => ({ level: 'fails', problem, fix });
export const warns = (problem: string, fix: string): Found => ({ level: 'warns', problem, fix });

/** The findings of a check; a check that fails is a finding itself, because an apply would fail in the same way. */
export async function found(place: string, look: () => Promise<readonly Found[]>): Promise<Finding[]> {
  try {
    return (await look()).map((one) => ({ ...one, place }));
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return [{ ...refused(error), place }];
  }
}

/** The error with which an apply would end. */
export function refused(error: unknown): Found {
  if (error instanceof Refusal) return fails(error.problem, beforeApply(error.next));
  const [problem = '', ...fix] = errorText('', undefined, error).replace(/^: /, '').split('; ');
  return fails(problem, beforeApply(fix.join('; ').replace(/what was done so far is kept$/, '')));
}

/** The errors of steps end with advice for a reader who has applied. */
function beforeApply(text: string): string {
  const fix = text.replace(/[,;]? ?(?:and|then)? apply again/, '').replace(/[;\s]+$/, '');
  return fix === '' || fix === 'fix that' ? 'fix what it says' : fix;
}
