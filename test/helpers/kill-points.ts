import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execaSync } from 'execa';

/** Every program that the scripts start by name. */
const TOOLS = ['ceph', 'ceph-conf', 'rados', 'rbd', 'virsh', 'qemu-img', 'sh', 'cat', 'curl'];

export type Victim = 'script' | 'terraform';
export type When = 'before' | 'after';

/** The n-th child of one run of the script, for one object. */
export interface Point {
  /** 'rbd-image' */
  readonly kind: string;
  readonly verb: string;
  /** The name of the object, as far as it is counted: 'kp-blank-03'. */
  readonly object: string;
  readonly n: number;
}

/**
 * Stands in for a tool before its real one in PATH. Whoever called it is known by its command line and its environment;
 * only the scripts' own children count. "before": the script dies while its child, late, does its work all the same.
 */
const SHIM = `#!/bin/sh
real=REAL state=STATE
args=$(tr '\\0' ' ' </proc/$PPID/cmdline)
case $args in *exec.cjs*) ;; *) exec "$real" "$@" ;; esac
object=$(tr '\\0' '\\n' </proc/$PPID/environ | grep -a ^CDKTF_LIBVIRT_CEPH_SPEC= | grep -ao 'PREFIX-[a-z]*-[0-9][0-9]*' | head -n 1)
[ -n "$object" ] || exec "$real" "$@"
set -- "$@"
call=\${args##*exec.cjs }
kind=\${call%% *} verb=\${call#* } verb=\${verb%% *}
n=1
until (set -C; : >"$state/calls/$PPID.$n") 2>/dev/null; do n=$((n + 1)); done
point=$kind.$verb.$object.$n
echo "$point \${0##*/} $1 $2 $3 $4 $5" | head -c 200 | tr '\\n' ' ' >>"$state/log"
echo >>"$state/log"
[ -e "$state/plan/$point" ] && mv "$state/plan/$point" "$state/done/$point" 2>/dev/null || exec "$real" "$@"
read -r victim when <"$state/done/$point"
slay() {
  pid=$PPID
  if [ "$victim" = terraform ]; then
    until [ "$(cat /proc/$pid/comm)" = terraform ]; do
      pid=$(sed 's/.*) . \\([0-9]*\\).*/\\1/' /proc/$pid/stat)
      [ "$pid" -gt 1 ] || exit 99
    done
  fi
  kill -9 "$pid"
}
if [ "$when" = before ]; then
  slay
  sleep 0.7
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

  constructor(prefix: string) {
    for (const name of ['bin', 'calls', 'plan', 'done']) mkdirSync(join(this.folder, name));
    for (const tool of TOOLS) {
      const { stdout, exitCode } = execaSync('sh', ['-c', 'command -v "$0"', tool], { reject: false });
      if (exitCode !== 0) continue;
      const file = join(this.folder, 'bin', tool);
      writeFileSync(file, SHIM.replace('REAL', stdout).replace('STATE', this.folder).replace('PREFIX', prefix));
      chmodSync(file, 0o755);
    }
    process.env['PATH'] = [join(this.folder, 'bin'), this.path].join(delimiter);
  }

  /** What has been called since the last `clear`, in order. */
  public recorded(): Point[] {
    const log = join(this.folder, 'log');
    if (!existsSync(log)) return [];
    return lines(readFileSync(log, 'utf8')).map((line) => parsePoint(line.split(' ')[0] ?? ''));
  }

  /** The same, with the commands. */
  public log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  public plan(point: Point, victim: Victim, when: When): void {
    writeFileSync(join(this.folder, 'plan', textOf(point)), `${victim} ${when}\n`);
  }

  /** Takes out what was planned and not met, forgets what was recorded; gives the points at which it was killed. */
  public clear(): Point[] {
    const killed = readdirSync(join(this.folder, 'done')).map(parsePoint);
    for (const name of ['calls', 'plan', 'done']) {
      rmSync(join(this.folder, name), { recursive: true });
      mkdirSync(join(this.folder, name));
    }
    rmSync(join(this.folder, 'log'), { force: true });
    return killed;
  }

  public end(): void {
    process.env['PATH'] = this.path;
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function textOf({ kind, verb, object, n }: Point): string {
  return [kind, verb, object, n].join('.');
}

function parsePoint(text: string): Point {
  const [kind = '', verb = '', object = '', n = ''] = text.split('.');
  return { kind, verb, object, n: Number(n) };
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
