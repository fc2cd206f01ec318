import type { PlannedKind } from './objects';
import { valuesOf } from './values';
import { type Finding, finding } from './verdicts';

/** An apply that compares an object with the code although no setting changes; `why` it does. */
export function repairFinding(kind: PlannedKind, spec: unknown, why: string): Finding {
  const policy = valuesOf(valuesOf(spec)['triggers_replace'])['restartPolicy'];
  const what = kind === 'domain' ? 'the VM' : 'it';
  const compared = `${why}: ${what} is compared with the code, and changed where it differs`;
  if (kind === 'domain' && policy === 'now') {
    return finding('OUTAGE', `${compared}; it may restart for that, as its \`restartPolicy\` is now`);
  }
  const stays = policy === 'next-boot' ? '; it is not restarted, as its `restartPolicy` is next-boot' : '';
  return finding('CHANGE', `${compared}${kind === 'domain' ? stays : ''}`);
}
