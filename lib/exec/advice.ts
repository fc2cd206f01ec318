import { type CephError, EACCES, EPERM } from '../ceph';
import type { ToolError } from '../steps/tools';

/** What to do, and the stable code of that kind of problem: docs/troubleshooting.md has an entry for each. */
export interface Advice {
  readonly code: string;
  readonly next: string;
}
const CEPH_WAITS: Advice = {
  code: 'ceph-waits',
  next: `'ceph health detail' shows what it waits for (OSDs that are full or down); fix that and apply again`,
};
const NOT_PERMITTED: Advice = {
  code: 'not-permitted',
  next: 'grant that permission to the user and cephx ID with which the commands run, then apply again',
};
const RESUMES = 'fix that and apply again; what was done so far is kept';
const CEPH_FAILED: Advice = { code: 'ceph-failed', next: RESUMES };
/** Exit code of what died of SIGKILL. */
const SIGKILL_EXIT_CODE = 137;
const KILLED: Advice = {
  code: 'killed',
  next: `something killed it, perhaps the kernel because memory ran out ('journalctl -k' there shows it); apply again to continue`,
};
const TOOL_FAILED: Advice = { code: 'tool-failed', next: RESUMES };

/** What the administrator can do about it, judging by Ceph's error. */
export function adviceAfterCeph({ errno, said }: CephError): Advice {
  if (/did not end within \d+ seconds/.test(said)) return CEPH_WAITS;
  if (errno === EPERM || errno === EACCES) return NOT_PERMITTED;
  return CEPH_FAILED;
}

/** The same, judging by the tool's message. */
export function adviceFor({ command: { argv, transport }, outcome: { stderr, exitCode } }: ToolError): Advice {
  if (/did not end within \d+ seconds/.test(stderr) && ['ceph', 'rbd', 'rados'].includes(argv[0] ?? '')) {
    return CEPH_WAITS;
  }
  if (exitCode === SIGKILL_EXIT_CODE) return KILLED;
  if (transport.type === 'ssh' && exitCode === 255) {
    const next = `make sure that 'ssh -o BatchMode=yes ${transport.destination} true' works from here, then apply again`;
    return { code: 'ssh', next };
  }
  const socket = /Failed to connect socket to '[^']*\/([\w-]+)-sock(?:-ro)?'/.exec(stderr)?.[1];
  if (socket !== undefined) return libvirtUnit(socket);
  if (/password is required|a terminal is required/.test(stderr)) {
    return { code: 'sudo', next: 'let sudo run these commands without a password there, then apply again' };
  }
  if (/permission denied|EACCES|EPERM|operation not permitted/i.test(stderr)) {
    return NOT_PERMITTED;
  }
  return TOOL_FAILED;
}

/** The systemd unit that listens on a libvirt socket: for the single daemon, or for a modular one. */
function libvirtUnit(socket: string): Advice {
  const unit = socket.replace(/^libvirt$/, 'libvirtd');
  const modular = socket === 'libvirt' ? " ('virtproxyd.socket' where it has libvirt's modular daemons)" : '';
  const next = `start libvirt on that host: 'systemctl enable --now ${unit}.socket'${modular}, then apply again`;
  return { code: 'libvirt-silent', next };
}
