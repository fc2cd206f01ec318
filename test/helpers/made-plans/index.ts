import { OF_OBJECTS } from './objects';
import { OF_OTHERS } from './others';
import type { MadePlan } from './plan';
import { OF_VMS } from './vms';

export { type MadePlan, madePlan } from './plan';

/** By what is in the plan: "a plan with ...". */
export const MADE: { readonly [name: string]: MadePlan } = { ...OF_OBJECTS, ...OF_VMS, ...OF_OTHERS };
