import type { OwnerSpec } from '../../lib/model';
import { OWNER } from './lab';

export const OTHER_ENTRY = '22222222-2222-4222-8222-222222222222';

/** Another stack of the same project. */
export function otherOwner(): OwnerSpec {
  return { ...OWNER, stack: 'other' };
}
