import { errorText } from '../exec/messages';
import { Stopped } from '../exec/children';
import { Refusal } from '../steps/tools';

/** 'fails': the apply would. 'warns': it would not, and somebody has to know all the same. */
export type Level = 'fails' | 'warns';

export interface Finding {
  readonly level: Level;
  /** "Ceph on root@mon1", "host qemu+ssh://root@kvm1/system": where it was found. */
  readonly place: string;
  readonly problem: string;
  /** The command, or where there is none the step, that mends it. */
  readonly mend: string;
}

/** What one check finds; its place is known to whoever runs it. */
export type Found = Omit<Finding, 'place'>;

export const fails = (problem: string, mend: string): Found => ({ level: 'fails', problem, mend });
export const warns = (problem: string, mend: string): Found => ({ level: 'warns', problem, mend });

/** The findings of a look; that it could not be made is one itself, as an apply would meet the same. */
export async function found(place: string, look: () => Promise<readonly Found[]>): Promise<Finding[]> {
  try {
    return (await look()).map((one) => ({ ...one, place }));
  } catch (error) {
    if (error instanceof Stopped) throw error;
    return [{ ...refused(error), place }];
  }
}

/** What an apply would end with. */
export function refused(error: unknown): Found {
  if (error instanceof Refusal) return fails(error.problem, beforeApply(error.next));
  const [problem = '', ...mend] = errorText('', undefined, error).replace(/^: /, '').split('; ');
  return fails(problem, beforeApply(mend.join('; ').replace(/what was done so far is kept$/, '')));
}

/** Steps end their errors for whoever has applied. */
function beforeApply(text: string): string {
  const mend = text.replace(/[,;]? ?(?:and|then)? apply again/, '').replace(/[;\s]+$/, '');
  return mend === '' || mend === 'mend that' ? 'mend what it says' : mend;
}
