import { parseArgs } from 'node:util';
import { DEFAULT_FOLDER, labDown, type LabInfo, labStatus, labUp } from './lab';

const USAGE = `usage: npm run lab -- up|down|status|env [options]

  up      bring up a private Ceph and libvirt, or use the one that runs
  down    end all of it and remove its folder
  status  what runs
  env     its addresses as shell exports: eval "$(npm run -s lab -- env)"

  --folder DIR  where it lives (CLC_LAB, else ${DEFAULT_FOLDER})
  --hosts N     libvirt hosts, 1 to 3 (1)
  --install     install missing Debian packages
  --json        print JSON
`;

const OPTIONS = {
  folder: { type: 'string', default: process.env['CLC_LAB'] ?? DEFAULT_FOLDER },
  hosts: { type: 'string', default: '1' },
  install: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', short: 'h', default: false },
} as const;

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({ options: OPTIONS, allowPositionals: true });
  const [command] = positionals;
  if (values.help) {
    process.stdout.write(USAGE);
  } else if (command === 'up' && positionals.length === 1) {
    await up(values.folder, Number(values.hosts), values.install, values.json);
  } else if (command === 'down' && positionals.length === 1) {
    await labDown(values.folder);
  } else if (command === 'status' && positionals.length === 1) {
    await status(values.folder, values.json);
  } else if (command === 'env' && positionals.length === 1) {
    const info = await runningInfo(values.folder);
    print(values.json ? info : Object.entries(environment(info)).map(([key, value]) => `export ${key}='${value}'`));
  } else {
    process.stderr.write(USAGE);
    process.exitCode = 2;
  }
}

async function up(folder: string, hosts: number, install: boolean, json: boolean): Promise<void> {
  const say = (line: string) => void process.stderr.write(`${line}\n`);
  const started = Date.now();
  const info = await labUp({ folder, hosts, install, say });
  say(`the lab is up after ${((Date.now() - started) / 1000).toFixed(1)} s`);
  print(json ? info : describe(info));
}

async function status(folder: string, json: boolean): Promise<void> {
  const found = await labStatus(folder);
  const state = `${found.running ? 'running' : 'not running'} in ${found.folder}, Ceph: ${found.health}`;
  const processes = found.processes.length > 0 ? [`processes: ${found.processes.join(' ')}`] : [];
  print(json ? found : [state, ...(found.info ? describe(found.info) : []), ...processes]);
  process.exitCode = found.running ? 0 : 3;
}

async function runningInfo(folder: string): Promise<LabInfo> {
  const { running, info } = await labStatus(folder);
  if (!running || !info) {
    throw new Error(`no lab runs in ${folder}: 'npm run lab -- up' starts one`);
  }
  return info;
}

function environment(info: LabInfo): { [name: string]: string } {
  const hosts = info.hosts.flatMap((host, index) => {
    const suffix = index === 0 ? '' : `_${index + 1}`;
    return [
      [`LIBVIRT_URI${suffix}`, host.uri],
      [`VIRSH_URI${suffix}`, host.virshUri],
    ];
  });
  return {
    CEPH_CONF: info.cephConf,
    CEPH_MONITORS: info.monitors.join(','),
    ...(Object.fromEntries(hosts) as { [name: string]: string }),
    LIBVIRT_NETWORK: info.network,
    GUEST_IMAGE: info.guestImage,
    GUEST_IMAGE_SHA256: info.guestImageSha256,
  };
}

function describe(info: LabInfo): string[] {
  return [
    `Ceph       ceph --conf ${info.cephConf} status`,
    ...info.hosts.map((host) => `${host.name.padEnd(10)} virsh --connect '${host.virshUri}' list --all`),
    `monitors   ${info.monitors.join(',')}`,
    `guest      ${info.guestImage}`,
    `network    ${info.network}`,
  ];
}

function print(what: object | string[]): void {
  process.stdout.write(`${Array.isArray(what) ? what.join('\n') : JSON.stringify(what, null, 2)}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`lab: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
