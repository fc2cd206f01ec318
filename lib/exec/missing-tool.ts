import { type Command, type Outcome, Refusal } from '../steps/tools';
import { locationOf } from './location';

/** The Debian packages of the commands that we run. */
const PACKAGES: { readonly [tool: string]: string } = {
  ceph: 'ceph-common',
  'ceph-authtool': 'ceph-common',
  rbd: 'ceph-common',
  rados: 'ceph-common',
  virsh: 'libvirt-clients',
  'qemu-img': 'qemu-utils',
  curl: 'curl',
  flock: 'util-linux',
  gzip: 'gzip',
  xz: 'xz-utils',
  zstd: 'zstd',
  bzip2: 'bzip2',
  ssh: 'openssh-client',
};

/** What to say if a command does not exist; undefined if it does. `code` comes from the failed start, if it failed. */
export function missingTool(command: Command, outcome: Outcome, code: string | undefined): Refusal | undefined {
  const { argv, transport } = command;
  const tool = argv[0] as string;
  if (code === 'ENOENT') {
    const started =
      transport.type === 'local' ? tool : transport.type === 'ssh' ? 'ssh' : (transport.prefix[0] as string);
    return refusal(started, locationOf({ type: 'local' }));
  }
  const base = tool.split('/').pop() as string;
  const unknown = outcome.stderr.includes(base) && /not found|no such file|unable to locate/i.test(outcome.stderr);
  // Only a remote shell, sudo or a container runtime reports in this way that the command does not exist; the command
  // itself may say "not found" about other things, with other exit codes.
  const elsewhere = outcome.exitCode === 127 || (outcome.exitCode === 1 && outcome.stderr.startsWith('sudo: '));
  return transport.type !== 'local' && unknown && elsewhere ? refusal(base, locationOf(transport)) : undefined;
}

function refusal(tool: string, place: string): Refusal {
  const source = PACKAGES[tool];
  const next =
    source === undefined ? 'install it' : `install the Debian package ${source} there (apt-get install ${source})`;
  return new Refusal(`the command '${tool}' is missing ${place}`, next, 'command-missing');
}
