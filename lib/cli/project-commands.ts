import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import { Children } from '../exec/children';
import { errorLine } from '../exec/messages';
import { makeTools, type OpenTools } from '../exec/make-tools';
import { painted } from './colour';
import { completion } from './completion';
import { DOMAIN_TYPES, DRIVERS, TOOLKITS } from './init/answers';
import { type Ask, init, type InitOptions } from './init/init';
import type { Result } from './command-session';

/** Commands that need no stack: a new project, and shell completion. */
export function projectCommands(all: Command, version: string): void {
  all
    .command('init')
    .description('write a project: asks for monitors, host and pool, and detects what it can')
    .argument('[folder]', 'created if missing', '.')
    .option('--toolkit <name>', `${TOOLKITS.join(' or ')}; default: cdktn on Node.js 22.19 or later, otherwise cdktf`)
    .option('--monitors <list>', "separated by commas; default: from 'ceph mon dump' or ceph.conf")
    .option('--ssh <destination>', "where Ceph's commands run, such as 'root@mon1'; default: here")
    .option('--conf <file>', "Ceph's configuration there; default: CEPH_CONF, or /etc/ceph/ceph.conf")
    .option('--host <uri>', "libvirt's URI; default: from 'virsh uri'")
    .option('--driver <driver>', `${DRIVERS.join(' or ')}; default: provider`)
    .option('--domain-type <type>', `${DOMAIN_TYPES.join(' or ')}; default: what the host supports`)
    .option('--pool <name>', 'Ceph pool to create; default: libvirt-pool')
    .option('--image <file>', 'image for the disk, a file or URL; default: Debian 12')
    .option('--network <name>', "libvirt network; default: an active one, preferably 'default'")
    .option('--package <source>', 'this package, as for npm: a tarball, a git URL')
    .action(async (folder: string, _, command: Command) => {
      process.exitCode = await withoutStack('init', command, (options, tools) =>
        init(folder, options, { tools, ask: asker(), version, confFile: process.env['CEPH_CONF'] }),
      );
    });
  all
    .command('completion')
    .description('print a script for a shell that completes commands and options')
    .argument('<shell>', 'bash, zsh or fish')
    .action(async (shell: string, _, command: Command) => {
      process.exitCode = await withoutStack('completion', command, () => {
        const script = completion(shell, all);
        return Promise.resolve({ json: { shell, script }, lines: [script.trimEnd()] });
      });
    });
}

/** Runs it and prints the result, or one line of error. Returns the exit code. */
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

/** Asks if there is a terminal. */
function asker(): Ask {
  if (!process.stdin.isTTY) return undefined;
  return async (question, found) => {
    const terminal = createInterface({ input: process.stdin, output: process.stderr });
    const answer = await terminal.question(`${question}${found === '' ? '' : ` [${found}]`}: `);
    terminal.close();
    return answer.trim() === '' ? found : answer.trim();
  };
}
