import { type HostSpec, parseMonitor } from '../model';
import { onHost } from '../steps/commands';
import type { Tools } from '../steps/tools';
import { type Found, fails, warns } from './finding';

/** Ceph's own ports, of the newer and the older protocol; a monitor without a port answers on either. */
const PORTS = [3300, 6789];
const SECONDS = 5;

/**
 * Prints a line for each given HOST PORT: "yes HOST PORT", or "no HOST PORT" and why. Uses bash, which can open
 * connections itself, so hosts need no other tool.
 */
const SCRIPT = `
while [ $# -gt 0 ]; do
  (
    said=$(timeout ${SECONDS} bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2" 2>&1)
    case $? in
      0) echo "yes $1 $2" ;;
      124) echo "no $1 $2 it does not answer" ;;
      127) echo "unknown $1 $2" ;;
      *) echo "no $1 $2 $(echo "$said" | sed -n 's/^.*: //;1p')" ;;
    esac
  ) &
  shift 2
done
wait`;

export type Answer = 'yes' | 'no' | 'unknown';

/** Whether the monitors answer a hypervisor: QEMU there connects to them, not Terraform here. */
export async function monitorsFrom(host: HostSpec, monitors: readonly string[], tools: Tools): Promise<Found[]> {
  const asked = [...new Set(monitors)].flatMap(addressesOf);
  if (asked.length === 0) return [];
  const words = asked.flatMap(({ host: name, port }) => [name, String(port)]);
  const { stdout } = await tools.attempt(onHost(host, 'sh', '-c', SCRIPT, 'sh', ...words), { timeout: 30 });
  return judgeReachable(monitors, stdout);
}

interface Asked {
  readonly host: string;
  readonly port: number;
}

function addressesOf(monitor: string): Asked[] {
  const parsed = parseMonitor(monitor);
  if (parsed === undefined) return [];
  return (parsed.port === undefined ? PORTS : [parsed.port]).map((port) => ({ host: parsed.host, port }));
}

export function judgeReachable(monitors: readonly string[], printed: string): Found[] {
  const lines = printed.split('\n');
  const answers = [...new Set(monitors)].map((monitor) => {
    const mine = addressesOf(monitor).flatMap(({ host, port }) => {
      const line = lines.find((one) => one.split(' ').slice(1, 3).join(' ') === `${host} ${port}`) ?? 'unknown';
      return [{ answer: line.split(' ')[0] as Answer, why: line.split(' ').slice(3).join(' ') }];
    });
    return { monitor, ok: mine.some(({ answer }) => answer !== 'no'), why: mine[0]?.why ?? '' };
  });
  const silent = answers.filter(({ ok }) => !ok);
  if (silent.length === 0) return [];
  const named = silent.map(({ monitor, why }) => (why === '' ? monitor : `${monitor} (${why})`)).join(', ');
  const fix =
    'open the ports of the monitors (3300, 6789) and OSDs (6800 to 7568) from there: nc -vz ' +
    (addressesOf(silent[0]?.monitor ?? '').map(({ host, port }) => `${host} ${port}`)[0] ?? '');
  return silent.length === answers.length
    ? [fails(`no monitor can be reached from the host: ${named}; VMs cannot reach their disks`, fix)]
    : [warns(`some monitors cannot be reached from the host: ${named}`, fix)];
}
