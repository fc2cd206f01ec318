import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { errorLine } from '../exec/messages';
import { addresses } from './addresses';
import { clients } from './clients';
import { hasColour, painted } from './colour';
import { exportCommand } from './export';
import { forgetHost } from './forget-host';
import { importBlocks } from './import-blocks';
import { preflightCommand } from './preflight';
import { repair } from './repair';
import { FORMATS, type ReviewOptions, reviewPlans } from './review';
import { rollback } from './rollback';
import { runbook } from './runbook';
import { type GlobalOptions, type Result, runCommand, type Session } from './session';
import { listSnapshots, snapshot } from './snapshot';
import { standalone } from './standalone';
import { trashList, trashRestore } from './trash';
import { undoRunbook } from './undo';
import { verify } from './verify';
import { vms } from './vms';

const ADDRESSES = 'addresses of objects as in the plan, web1 or terraform_data.web1_spec; default: all';
const EXITS = 'Exit codes: 0 all is well, 1 an error, 2 something differs or needs attention.';

function program(): Command {
  const all = new Command('cdktf-libvirt-ceph')
    .description('Looks after what a synthesized and applied stack has made.')
    .option('--dir <folder>', 'the folder with cdktf.out, or with a cdk.tf.json', '.')
    .option('--stack <name>', 'the stack, if cdktf.out has several')
    .option('--json', 'print the result as JSON')
    .option('--var <name=value>', 'a variable of the stack, as for Terraform', given('-var'))
    .option('--var-file <file>', 'a file of variables, as for Terraform', given('-var-file', resolve))
    .version(version())
    .addHelpText('after', `\n${EXITS}`);
  plans(all);
  objects(all);
  ofVms(all);
  trash(all);
  day2(all);
  standalone(all, version());
  return all;
}

/** The options that set the stack's variables, in their order on the command line. */
const variables: string[] = [];

/** Terraform runs in the stack's folder, but files are named relative to ours. */
function given(option: string, read = (value: string): string => value): (value: string) => void {
  return (value) => void variables.push(`${option}=${read(value)}`);
}

function secondsOf(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('it must be a whole number of seconds.');
  return Number(text);
}

function plans(all: Command): void {
  all
    .command('review')
    .description('say what the apply of a plan does to data, to running VMs and to access')
    .argument('[plan...]', "files with the output of 'terraform show -json PLAN'; '-' or none: standard input")
    .option('--format <format>', FORMATS.join(', '), 'text')
    .option('--fail-on <verdict>', 'exit with 2 at data-loss, outage, access or change, and above')
    .option('--allow <name>', 'name or address of an object that --fail-on ignores; repeatable', collected, [])
    .option('--max-length <characters>', 'of a markdown comment: what does not fit is omitted and counted', '60000')
    .action((files: string[], _, command: Command) => {
      process.exitCode = printed(() =>
        reviewPlans(files, command.optsWithGlobals<ReviewOptions>(), hasColour(process.stdout)),
      );
    });
}

function collected(one: string, before: readonly string[]): readonly string[] {
  return [...before, one];
}

/** For commands that need no stack: prints the result, or one line of error. Returns the exit code. */
function printed(work: () => { readonly text: string; readonly exitCode: number }): number {
  try {
    const { text, exitCode } = work();
    process.stdout.write(text);
    return exitCode;
  } catch (error) {
    process.stderr.write(`${painted('red', errorLine('review', undefined, error), process.stderr)}\n`);
    return 1;
  }
}

function objects(all: Command): void {
  all
    .command('preflight')
    .description('before the first apply: say what on the cluster, on the hosts and here would make it fail')
    .argument('[dir]', 'where cdktf.out is, or a folder with a cdk.tf.json: as --dir')
    .action((folder: string | undefined, _, command: Command) => run(command, preflightCommand, folder));
  all
    .command('verify')
    .description('check every object and say what differs from its spec')
    .argument('[address...]', ADDRESSES)
    .option('--watch <seconds>', 'check again until all is as it should be, for up to that long', secondsOf)
    .action((addresses: string[], options: { readonly watch?: number }, command: Command) =>
      run(command, (session) => verify(session, addresses, options)),
    );
  all
    .command('repair')
    .description('fix what differs, with the same steps as an apply')
    .argument('[address...]', ADDRESSES)
    .option('-y, --yes', 'do not ask')
    .action((addresses: string[], options: Yes, command: Command) =>
      run(command, (session) => repair(session, addresses, options)),
    );
  all
    .command('runbook')
    .description('print the commands that would make each object by hand; never a key')
    .argument('[address...]', ADDRESSES)
    .option('--undo', 'those that would take each away, by its removal policy')
    .action((addresses: string[], { undo }: { readonly undo?: true }, command: Command) =>
      run(command, (session) => (undo ? undoRunbook : runbook)(session, addresses)),
    );
}

function day2(all: Command): void {
  all
    .command('clients')
    .description("list the running VMs that still use an earlier key of the stack's cephx clients")
    .action((_, command: Command) => run(command, clients));
  all
    .command('import-blocks')
    .description('print import blocks for what the provider has made on the hosts and the state has lost')
    .action((_, command: Command) => run(command, importBlocks));
  all
    .command('forget-host')
    .description('print the command that makes the state forget a host that is gone for good')
    .argument('<host>', "the host's name in the state: 'kvm1' of terraform_data.kvm1_domains")
    .action((host: string, _, command: Command) => run(command, (session) => forgetHost(session, host)));
}

function ofVms(all: Command): void {
  const vm = 'name of a VM of the stack';
  const name = 'name of the snapshot';
  all
    .command('vms')
    .description('list the VMs of the stack: host, state, addresses, disks, and what waits for the next boot')
    .action((_, command: Command) => run(command, vms));
  all
    .command('addresses')
    .description('list the addresses of VMs and their source: guest agent, DHCP lease, or neighbours of the host (ARP)')
    .argument('[vm...]', 'names of VMs of the stack; default: all')
    .option('-w, --wait', 'wait until each VM has one')
    .option('--timeout <seconds>', 'how long to wait', secondsOf, 300)
    .action((names: string[], { wait, timeout }: { wait?: true; timeout: number }, command: Command) =>
      run(command, (session) => addresses(session, names, wait && timeout)),
    );
  all
    .command('snapshot')
    .description('take a snapshot of all RBD disks of a VM at one moment')
    .argument('<vm>', vm)
    .argument('<name>', name)
    .action((of: string, as: string, _, command: Command) => run(command, (session) => snapshot(session, of, as)));
  all
    .command('snapshots')
    .description('list the snapshots of a VM')
    .argument('<vm>', vm)
    .action((of: string, _, command: Command) => run(command, (session) => listSnapshots(session, of)));
  all
    .command('rollback')
    .description('roll all RBD disks of a VM that is shut off back to a snapshot; what was written since is lost')
    .argument('<vm>', vm)
    .argument('<name>', name)
    .option('-y, --yes', 'do not ask')
    .action((of: string, to: string, options: Yes, command: Command) =>
      run(command, (session) => rollback(session, of, to, options)),
    );
  all
    .command('export')
    .description('write a snapshot of a VM to FOLDER/<target>.raw, one file per disk')
    .argument('<vm>', vm)
    .argument('<name>', name)
    .argument('<folder>', 'created if missing')
    .action((of: string, from: string, folder: string, _, command: Command) =>
      run(command, (session) => exportCommand(session, of, from, folder)),
    );
}

function trash(all: Command): void {
  const group = all.command('trash').description("images that the removal policy 'trash' has moved to the trash");
  group
    .command('list')
    .description('list what is in the trash')
    .argument('[pool]', 'a pool of the stack; default: all')
    .action((pool: string | undefined, _, command: Command) => run(command, (session) => trashList(session, pool)));
  group
    .command('restore')
    .description('bring an image back')
    .argument('<pool/id>', "as 'trash list' prints it")
    .option('--name <name>', 'a new name for it')
    .action((text: string, { name }: { name?: string }, command: Command) =>
      run(command, (session) => trashRestore(session, text, name)),
    );
}

interface Yes {
  readonly yes?: boolean;
}

async function run(command: Command, work: (session: Session) => Promise<Result>, dir?: string): Promise<void> {
  const parents = command.parent?.parent ? `${command.parent.name()} ` : '';
  process.exitCode = await runCommand(
    `${parents}${command.name()}`,
    { ...command.optsWithGlobals<GlobalOptions>(), ...(dir === undefined ? {} : { dir }), variables },
    work,
  );
}

/** The package.json is beside the bundle. */
function version(): string {
  const file = join(__dirname, '../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

void program().parseAsync();
