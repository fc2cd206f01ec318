import type { Command } from 'commander';
import { addresses } from './addresses-command';
import { run, secondsOf, type Yes } from './command-line';
import { exportCommand } from './export-command';
import { rollback } from './rollback';
import { listSnapshots, snapshot } from './snapshot';
import { trashList, trashRestore } from './trash';
import { vms } from './vms';

/** Commands on VMs, their snapshots, and images in the trash. */
export function vmCommands(all: Command): void {
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
    .description('roll all RBD disks of a VM that is shut off back to a snapshot; everything written since is lost')
    .argument('<vm>', vm)
    .argument('<name>', name)
    .option('-y, --yes', 'do not ask for confirmation')
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
  trash(all);
}

function trash(all: Command): void {
  const group = all.command('trash').description("images that the removal policy 'trash' has moved to the trash");
  group
    .command('list')
    .description('list the images in the trash')
    .argument('[pool]', 'a pool of the stack; default: all')
    .action((pool: string | undefined, _, command: Command) => run(command, (session) => trashList(session, pool)));
  group
    .command('restore')
    .description('restore an image')
    .argument('<pool/id>', "as 'trash list' prints it")
    .option('--name <name>', 'a new name for it')
    .action((text: string, { name }: { name?: string }, command: Command) =>
      run(command, (session) => trashRestore(session, text, name)),
    );
}
