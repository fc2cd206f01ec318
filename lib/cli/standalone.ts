import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { Children } from '../exec/children';
import { errorLine } from '../exec/messages';
import { makeTools, type OpenTools } from '../exec/tools';
import { painted } from './colour';
import { completion } from './completion';
import { DOMAIN_TYPES, DRIVERS, TOOLKITS } from './init/answers';
import { type Ask, init, type InitOptions } from './init/init';
import type { Result } from './session';

/** What needs no stack: a new project, and the completion of a shell. */
export function standalone(all: Command, version: string): void {
  all
    .command('init')
    .description('write a project: asks for monitors, host and pool, and finds them itself where it can')
    .argument('[folder]', 'made when it is missing', '.')
    .option('--toolkit <name>', `${TOOLKITS.join(' or ')}; cdktn where Node.js is 22.19 or later`)
    .option('--monitors <list>', "with commas between; else what 'ceph mon dump' or ceph.conf says")
    .option('--ssh <destination>', "where Ceph's commands run, 'root@mon1'; here when not given")
    .option('--conf <file>', "Ceph's configuration there; /etc/ceph/ceph.conf, or CEPH_CONF, when not given")
    .option('--host <uri>', "of libvirt; else what 'virsh uri' says")
    .option('--driver <driver>', `${DRIVERS.join(' or ')}; provider when not given`)
    .option('--domain-type <type>', `${DOMAIN_TYPES.join(' or ')}; else what the host can do`)
    .option('--pool <name>', 'of Ceph, to make; libvirt-pool when not given')
    .option('--image <file>', 'of the disk, a file or its address; Debian 12 when not given')
    .option('--network <name>', "of libvirt; else one that is active, 'default' before others")
    .option('--package <source>', 'of this package, as npm takes it: a tarball, an address of git')
    .action(async (folder: string, _, command: Command) => {
      process.exitCode = await withoutStack('init', command, (options, tools) =>
        init(folder, options, { tools, ask: asker(), version, confFile: process.env['CEPH_CONF'] }),
      );
    });
  all
    .command('completion')
    .description('print the script by which a shell completes commands and options')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string, _, command: Command) => {
      process.exitCode = await withoutStack('completion', command, () => {
        const script = completion(shell, all);
        return Promise.resolve({ json: { shell, script }, lines: [script.trimEnd()] });
      });
    });
}

/** Runs it and prints what it found, or one line of error. Returns the exit code. */
async function withoutStack(
  name: string,
  command: Command,
  work: (options: InitOptions, tools: OpenTools) => Promise<Result>,
): Promise<number> {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const tools = makeTools({ children: new Children(), holder: `'cdktf-libvirt-ceph ${name}'`, say });
  try {
    const options = command.optsWithGlobals<InitOptions & { readonly json?: boolean }>();
    const { json, lines } = await work(options, tools);
    process.stdout.write(`${options.json ? JSON.stringify(json, undefined, 2) : lines.join('\n')}\n`);
    return 0;
  } catch (error) {
    say(painted('red', errorLine(name, undefined, error), process.stderr));
    return 1;
  } finally {
    await tools.close();
  }
}

/** Asks where there is somebody to ask. */
function asker(): Ask {
  if (!process.stdin.isTTY) return undefined;
  return async (question, found) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await terminal.question(`${question}${found === '' ? '' : ` [${found}]`}: `);
    terminal.close();
    return answer.trim() === '' ? found : answer.trim();
  };
}
