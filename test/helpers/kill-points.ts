import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { execaSync } from 'execa';

/** Every program that the scripts start by name. */
const TOOLS = ['ceph', 'ceph-conf', 'rados', 'rbd', 'virsh', 'qemu-img', 'sh', 'cat', 'curl'];
/**
 * What differs between commands and requests that are alike, from one object or run to another, and what stands for it.
 */
const ALIKE: readonly (readonly [pattern: string, replacement: string])[] = [
  ['(PREFIXi?-[a-z]+-)[0-9]+', '\\1N'],
  ['[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}', 'ID'],
  ['(ensure|complete) ([a-z]+ )', 'ensure \\2'],
  ['process [0-9]+', 'process'],
  ['[0-9a-f]{10,}', 'ID'],
  ['[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z', 'TIME'],
  ['"id":"[0-9]+"', '"id":ID'],
  ['ID:[0-9]+', 'ID'],
  ['(cdktf-libvirt-ceph-ID-[0-9]+-)[A-Za-z0-9]{6}', '\\1R'],
];
/** Records what a script starts, whether or not a shim replaces it. */
const HOOK = `if (/exec\\.cjs$/.test(process.argv[1] ?? '')) {
  const children = require('node:child_process');
  const { spawn } = children;
  children.spawn = (program, ...rest) => {
    require('node:fs').appendFileSync('STATE/programs', program + '\\n');
    return spawn(program, ...rest);
  };
}
`;
/** Milliseconds without a new child: every script then waits for Terraform's end, or for its own. */
const STILL = 1500;

export type Victim = 'script' | 'terraform';

/** A child process of the scripts or a request to their Ceph worker, whichever of several like objects it is for. */
export interface Point {
  readonly key: string;
  readonly kind: string;
  readonly verb: string;
  /** From the object's name: like objects share one word. */
  readonly word: string;
  readonly isRequest: boolean;
  /** 'rbd-image ensure clone: rbd ... rename kp/...', for people. */
  readonly text: string;
}

/**
 * Replaces a tool by coming before it in PATH. Its caller is identified by command line and environment; only the
 * scripts' own children count. A child is identified by its command, without what differs from one object or run to
 * another, and by how often its script has run that command before. A confirmation runs the steps of `ensure`, and
 * counts as such. "before": the child, delayed, does its work nevertheless. The test kills Terraform, at many points at
 * once.
 * worker-proxy.py, which starts the Ceph worker, does the same with each request.
 */
const SHIM = `#!/bin/sh
real=REAL state=STATE python=PYTHON
args=$(tr '\\0' ' ' </proc/$PPID/cmdline)
case $args in *exec.cjs*) ;; *) exec "$real" "$@" ;; esac
object=$(tr '\\0' '\\n' </proc/$PPID/environ | grep -a ^CDKTF_LIBVIRT_CEPH_SPEC= | grep -ao 'PREFIX-[a-z]*-[0-9][0-9]*' | head -n 1)
[ -n "$object" ] || exec "$real" "$@"
word=\${object#PREFIX-} word=\${word%-*}
call=\${args##*exec.cjs }
kind=\${call%% *} verb=\${call#* } verb=\${verb%% *}
case $verb in complete) verb=ensure ;; esac
command=$(printf '%s ' "\${0##*/}" "$@" | tr '\\n\\t' '  ' | sed -E 'ALIKE')
sum=$(printf %s "$command" | cksum) sum=\${sum%% *}
n=1
until (set -C; : >"$state/calls/$PPID.$sum.$n") 2>/dev/null; do n=$((n + 1)); done
point=$kind.$verb.$word.$sum.$n
printf '%s %.300s\\n' "$point" "$command" >>"$state/log"
when=
for each in before after; do
  if [ -e "$state/plan/$point.$each" ] && mv "$state/plan/$point.$each" "$state/met/$point.$each" 2>/dev/null; then
    when=$each
    break
  fi
done
if [ -z "$when" ]; then
  case "$*" in *'exec $p -c'*) exec "$python" "$state/worker-proxy.py" "$state" "$kind.$verb.$word" "$PPID" "$real" "$@" ;; esac
  exec "$real" "$@"
fi
slay() {
  if [ -e "$state/terraform" ]; then
    : >"$state/waiting/$point.$when"
    until [ -e "$state/killed" ]; do sleep 0.1; done
  else
    kill -9 "$PPID"
  fi
}
if [ "$when" = before ]; then
  slay
  [ -e "$state/terraform" ] || sleep 0.7
  exec "$real" "$@"
fi
"$real" "$@"
code=$?
slay
exit $code
`;

/** Records the children of the scripts, and kills at chosen ones. Counts objects named '<prefix>-<word>-<number>'. */
export class KillPoints {
  private readonly folder = mkdtempSync(join(tmpdir(), 'kill-'));
  private readonly path = process.env['PATH'] ?? '';
  private readonly nodeOptions = process.env['NODE_OPTIONS'];

  constructor(prefix: string) {
    mkdirSync(join(this.folder, 'bin'));
    this.clear();
    const sed = ALIKE.map(([pattern, to]) => `s/${pattern}/${to}/g`).join('; ');
    const alike = ALIKE.map(([pattern, to]) => [pattern.replace('PREFIX', prefix), to]);
    writeFileSync(join(this.folder, 'alike.json'), JSON.stringify(alike));
    copyFileSync(join(__dirname, 'worker-proxy.py'), join(this.folder, 'worker-proxy.py'));
    for (const tool of TOOLS) {
      const { stdout, exitCode } = execaSync('sh', ['-c', 'command -v "$0"', tool], { reject: false });
      if (exitCode !== 0) continue;
      const file = join(this.folder, 'bin', tool);
      const words = { REAL: stdout, STATE: this.folder, PYTHON: '/usr/bin/python3', ALIKE: sed, PREFIX: prefix };
      writeFileSync(
        file,
        Object.entries(words).reduce((text, [word, to]) => text.replaceAll(word, to), SHIM),
      );
      chmodSync(file, 0o755);
    }
    process.env['PATH'] = [join(this.folder, 'bin'), this.path].join(delimiter);
    const hook = join(this.folder, 'hook.cjs');
    writeFileSync(hook, HOOK.replace('STATE', this.folder));
    process.env['NODE_OPTIONS'] = `--require=${hook}`;
  }

  /** The number of children that the scripts have started, and the programs of which no child is recorded. */
  public started(): { readonly children: number; readonly unknown: readonly string[] } {
    const programs = readFileSync(join(this.folder, 'programs'), 'utf8').trim().split('\n');
    return { children: programs.length, unknown: [...new Set(programs)].filter((one) => !TOOLS.includes(one)) };
  }

  /** What has been called since the last `clear`, each once, in order. */
  public recorded(): Point[] {
    if (!existsSync(this.log)) return [];
    const lines = readFileSync(this.log, 'utf8').split('\n').filter(Boolean);
    return [...new Map(lines.map((line) => [line.split(' ')[0] ?? '', line])).values()].map(parsePoint);
  }

  /**
   * Kills at each of these, '<key of a point>.before' or '.after' (of a request also '.worker'), once: in whichever
   * object reaches it first.
   */
  public plan(victim: Victim, moments: Iterable<string>): void {
    if (victim === 'terraform') writeFileSync(join(this.folder, 'terraform'), '');
    for (const moment of moments) writeFileSync(join(this.folder, 'plan', moment), '');
  }

  /** Those that were reached. */
  public met(): string[] {
    return readdirSync(join(this.folder, 'met'));
  }

  /** Kills Terraform as soon as everything waits for it; does not kill it if `ended` comes first. */
  public async killTerraform(pid: number, ended: Promise<unknown>): Promise<void> {
    const over = new AbortController();
    const end = (): void => over.abort();
    void ended.then(end, end);
    for (const name of ['waiting', 'killed']) rmSync(join(this.folder, name), { recursive: true, force: true });
    mkdirSync(join(this.folder, 'waiting'));
    while (!over.signal.aborted) {
      const waiting = readdirSync(join(this.folder, 'waiting')).length;
      if (waiting > 0 && Date.now() - statSync(this.log).mtimeMs > STILL) {
        process.kill(pid, 'SIGKILL');
        writeFileSync(join(this.folder, 'killed'), '');
        return;
      }
      await sleep(100);
    }
  }

  /** Cancels the planned kills that were not reached, and forgets what was recorded. */
  public clear(): void {
    for (const name of ['calls', 'plan', 'met', 'waiting']) {
      rmSync(join(this.folder, name), { recursive: true, force: true });
      mkdirSync(join(this.folder, name));
    }
    for (const name of ['log', 'terraform', 'killed']) rmSync(join(this.folder, name), { force: true });
  }

  public end(): void {
    process.env['PATH'] = this.path;
    if (this.nodeOptions === undefined) delete process.env['NODE_OPTIONS'];
    else process.env['NODE_OPTIONS'] = this.nodeOptions;
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get log(): string {
    return join(this.folder, 'log');
  }
}

function parsePoint(line: string): Point {
  const key = line.slice(0, line.indexOf(' '));
  const [kind = '', verb = '', word = ''] = key.split('.');
  const said = line.slice(key.length + 1);
  return { key, kind, verb, word, isRequest: said.startsWith('request '), text: `${kind} ${verb} ${word}: ${said}` };
}
