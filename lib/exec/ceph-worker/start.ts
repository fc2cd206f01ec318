import { randomBytes } from 'node:crypto';
import type { ClusterSpec } from '../../model';
import type { Command } from '../../steps/tools';
import { program } from './program';

/**
 * Uses the interpreter that `ceph` itself names: `python3` in PATH may be another one, without Ceph's modules. What is
 * missing is reported in a frame, because an exit code may come from any shell in between.
 */
const FIND = `
p= found=
IFS=:
for d in $PATH; do
  [ -x "$d/ceph" ] || continue
  found=1
  IFS= read -r first <"$d/ceph" || :
  case $first in '#!'*python*) p=\${first#??}; break ;; esac
done
unset IFS
[ -n "$found" ] || { printf '\\n%s {"missing":[{"module":"ceph","message":""}]}\\n' "$1"; exit 0; }
[ -n "$p" ] || for p in python3 /usr/bin/python3; do "$p" -c 'import rados, rbd' 2>/dev/null && break; done
exec $p -c "$2" "$1"
`;

/** Reads the program from standard input, so that it is neither on disk nor in the list of processes. */
const BOOT = `
import sys
tag, program = sys.argv[1], sys.stdin.buffer
say = lambda text: (sys.stdout.write('\\n%s %s\\n' % (tag, text)), sys.stdout.flush())
sys.path[:] = [place for place in sys.path if place]
say('{"started":true}')
length = program.readline()
if length:
    exec(compile(program.read(int(length)), 'ceph-worker', 'exec'), {'__name__': '__main__', 'tag': tag})
else:
    say('{"noInput":true}')
`;

/** How a worker is started, and what it reads first. */
export interface Start {
  /** Begins each line that the worker writes; all other lines come from other programs. */
  readonly tag: string;
  readonly command: Command;
  readonly input: Buffer;
}

export function startOf(cluster: ClusterSpec): Start {
  const tag = `cdktf-libvirt-ceph:${randomBytes(8).toString('hex')}`;
  const text = Buffer.from(program);
  const { confFile: conf, adminId: id, keyringFile: keyring } = cluster;
  const input = Buffer.concat([
    Buffer.from(`${text.length}\n`),
    text,
    Buffer.from(`${JSON.stringify({ conf, id, keyring })}\n`),
  ]);
  return { tag, command: { argv: ['sh', '-c', FIND, 'sh', tag, BOOT], transport: cluster.transport }, input };
}
