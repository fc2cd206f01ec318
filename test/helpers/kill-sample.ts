import type { Point, Victim } from './kill-points';
import type { Phase } from './kill-stack';

/** The moments of a request; the worker alone dies only where the script is the victim. */
export const MOMENTS = ['before', 'after', 'worker'] as const;

interface Risky {
  readonly phase: Phase;
  /** In the recording. */
  readonly request: RegExp;
  /** In which object's script it is cut off before, after and in it: spread, so that each object dies once. */
  readonly words: readonly [before: string, after: string, worker: string];
}

/** The requests that matter most for an image: its lock, its creation, its mark, its name and its way to the trash. */
const RISKY: readonly Risky[] = [
  { phase: 'make', request: / request takeLock /, words: ['vm', 'attach', 'vm'] },
  { phase: 'make', request: / request createImage /, words: ['blank', 'file', 'url'] },
  { phase: 'make', request: / request cloneImage /, words: ['clone', 'flat', 'clone'] },
  { phase: 'make', request: / request setMetadata .*"key":"cdktf-libvirt-ceph"/, words: ['flat', 'stream', 'blank'] },
  { phase: 'make', request: / request renameImage /, words: ['attach', 'url', 'vm'] },
  { phase: 'make', request: / request releaseLock /, words: ['stream', 'file', 'vm'] },
  { phase: 'remove', request: / request trashImage /, words: ['file', 'url', 'clone'] },
];

/** The same few moments in requests each time, for each run of the suite. */
export function fixedSample(phase: Phase, victim: Victim, recorded: readonly Point[]): string[] {
  return RISKY.filter((risky) => risky.phase === phase).flatMap(({ request, words }) =>
    MOMENTS.flatMap((moment, i) => {
      if (moment === 'worker' && victim === 'terraform') return [];
      const point = recorded.find(
        ({ kind, word, text }) => kind === 'rbd-image' && word === words[i] && request.test(text),
      );
      if (point === undefined)
        throw new Error(`no '${request.source}' is recorded in '${phase}' of '${words[i] ?? ''}'`);
      return [`${point.key}.${moment}`];
    }),
  );
}
