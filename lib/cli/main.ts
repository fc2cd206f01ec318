import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Command } from 'commander';
import { clients } from './outdated-keys';
import { given, run, secondsOf, type Yes } from './command-line';
import { forgetHost } from './forget-host';
import { importBlocks } from './import-blocks';
import { planCommands } from './plan-commands';
import { preflightCommand } from './preflight-command';
import { repair } from './repair';
import { runbook } from './runbook';
import { projectCommands } from './project-commands';
import { undoRunbook } from './undo-runbook';
import { verify } from './verify';
import { vmCommands } from './vm-commands';

const ADDRESSES = 'addresses of objects as in the plan, web1 or terraform_data.web1_spec; default: all';
const EXITS = 'Exit codes: 0 all is well, 1 an error, 2 something differs or needs attention.';

export function program(): Command {
  const all = new Command('cdktf-libvirt-ceph')
    .description('Checks and maintains what a synthesized and applied stack has created.')
    .option('--dir <folder>', 'the folder with cdktf.out, or with a cdk.tf.json', '.')
    .option('--stack <name>', 'the stack, if cdktf.out has several')
    .option('--json', 'print the result as JSON')
    .option('--var <name=value>', 'a variable of the stack, as for Terraform', given('-var'))
    .option('--var-file <file>', 'a file of variables, as for Terraform', given('-var-file', resolve))
    .version(version())
    .addHelpText('after', `\n${EXITS}`);
  planCommands(all);
  objects(all);
  vmCommands(all);
  day2(all);
  projectCommands(all, version());
  return all;
}

function objects(all: Command): void {
  all
    .command('preflight')
    .description('before the first apply: find what on the cluster, on the hosts and here would make it fail')
    .argument('[dir]', 'the folder with cdktf.out, or with a cdk.tf.json; the same as --dir')
    .action((folder: string | undefined, _, command: Command) => run(command, preflightCommand, folder));
  all
    .command('verify')
    .description('check every object and print what differs from its spec')
    .argument('[address...]', ADDRESSES)
    .option('--watch <seconds>', 'check again until nothing differs, for at most so many seconds', secondsOf)
    .action((addresses: string[], options: { readonly watch?: number }, command: Command) =>
      run(command, (session) => verify(session, addresses, options)),
    );
  all
    .command('repair')
    .description('fix what differs, with the same steps as an apply')
    .argument('[address...]', ADDRESSES)
    .option('-y, --yes', 'do not ask for confirmation')
    .action((addresses: string[], options: Yes, command: Command) =>
      run(command, (session) => repair(session, addresses, options)),
    );
  all
    .command('runbook')
    .description('print a bash script that creates each object with plain commands; it never contains a key')
    .argument('[address...]', ADDRESSES)
    .option('--undo', 'print a script that removes each object instead, according to its removal policy')
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
    .description('print import blocks for what the provider has created on the hosts and the state has lost')
    .action((_, command: Command) => run(command, importBlocks));
  all
    .command('forget-host')
    .description('print the command that removes a host that is gone for good from the state')
    .argument('<host>', "the host's name in the state: 'kvm1' of terraform_data.kvm1_domains")
    .action((host: string, _, command: Command) => run(command, (session) => forgetHost(session, host)));
}

/** The package.json is beside the bundle. */
function version(): string {
  const file = join(__dirname, '../../package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { readonly version: string }).version;
}

// A test reads the commands alone.
if (require.main === module) void program().parseAsync();
