import type { Child, Children } from '../exec/children';
import { eachLine } from '../exec/lines';
import { argvOf } from '../exec/transport';
import type { DomainSpec } from '../model';
import { virsh } from '../steps/commands';
import type { Outcome } from '../steps/tools';

/** The virsh commands that stop a VM from writing, and let it continue. */
export interface Hold {
  readonly verb: 'domfsfreeze' | 'suspend';
  readonly undo: 'domfsthaw' | 'resume';
}

/** Seconds. */
export interface Limits {
  /** For the guest's agent, which flushes what the guest has not written. */
  readonly hold: number;
  /** How long to retry to let the VM continue: libvirt may be busy with a freeze that timed out. */
  readonly undo: number;
}
export const LIMITS: Limits = { hold: 60, undo: 300 };

/**
 * Holds the VM until its standard input ends, which even a `kill -9` of us causes. It freezes the VM itself, because a
 * freeze of ours that outlived us could come after the thaw; there may be nobody left to read its output. A VM that was
 * shut off, or is gone, needs nothing undone.
 */
const HOLD_AND_UNDO = `
trap '' PIPE
verb=$1 undo=$2 name=$3 hold=$4 limit=$5; shift 5
said=$(timeout -k 5 "$hold" "$@" "$verb" "$name" 2>&1 </dev/null); code=$?
printf 'held %s %s\\n' "$code" "$(printf %s "$said" | tr '\\n' ' ')"
cat >/dev/null
end=$(($(date +%s) + limit)) told=
until said=$(timeout -k 5 60 "$@" "$undo" "$name" 2>&1 </dev/null); do
  case $said in *'not frozen'*|*'hold writes'*|*'already running'*|*'not paused'*|*'failed to get domain'*) break ;; esac
  case $(timeout 60 "$@" domstate "$name" 2>/dev/null </dev/null) in 'shut off'*) break ;; esac
  if [ "$(date +%s)" -ge "$end" ]; then printf '%s\\n' "$said" >&2; exit 1; fi
  [ -n "$told" ] || printf 'again %s\\n' "$(printf %s "$said" | tr '\\n' ' ')"
  told=1
  sleep 2
done
printf 'undone %s\\n' "$(printf %s "$said" | tr '\\n' ' ')"
`;

/** How libvirt and the agent (Windows' gives up after 10 s) say that nothing was held any more. */
const LAPSED = /not frozen|hold writes|Thawed 0 |already running|not paused/;

/** A process that holds a VM still and outlives us. */
export class QuiesceProcess {
  /** The result of the hold; 0: it is held. */
  public readonly held: Promise<Outcome>;
  private readonly child: Child;
  private undone = '';

  /** `onRetry` gets virsh's message if the VM could not continue at once. */
  constructor(
    children: Children,
    { host, name }: Pick<DomainSpec, 'host' | 'name'>,
    { verb, undo }: Hold,
    { hold, undo: limit }: Limits,
    onRetry: (said: string) => void,
  ) {
    // It counts what it thaws, and --quiet would hide that.
    const words = argvOf(virsh(host)).filter((word) => word !== '--quiet');
    const argv = ['sh', '-c', HOLD_AND_UNDO, 'sh', verb, undo, name, String(hold), String(limit), ...words];
    this.child = children.start(argv, { stdin: 'pipe', evenWhenStopped: true });
    this.child.stdin?.on('error', () => undefined);
    this.held = new Promise((resolve, reject) => {
      const heard = (line: string): void => {
        const [what, ...words] = line.split(' ');
        if (what === 'held') resolve({ exitCode: Number(words[0]), stdout: '', stderr: words.slice(1).join(' ') });
        if (what === 'again') onRetry(words.join(' '));
        if (what === 'undone') this.undone = line;
      };
      if (this.child.stdout) eachLine(this.child.stdout, heard);
      this.child.then(() => reject(new Error('the process that holds the VM ended too early')), reject);
    });
  }

  /** Lets the VM continue. `exitCode` is not 0 if that failed; `lapsed`: it was not held until the end. */
  public async end(): Promise<{ readonly exitCode: number; readonly said: string; readonly lapsed: boolean }> {
    this.child.stdin?.end();
    const { exitCode, stderr } = await this.child;
    return { exitCode: exitCode ?? 1, said: stderr?.trim() ?? '', lapsed: LAPSED.test(this.undone) };
  }
}
