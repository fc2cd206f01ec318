import type { Command } from 'commander';
import { errorLine } from '../exec/messages';
import { hasColour, painted } from './colour';
import { FORMATS, type ReviewOptions, reviewPlans } from './review-command';

/** Commands on plans, which need neither stack nor cluster. */
export function planCommands(all: Command): void {
  all
    .command('review')
    .description('show what the apply of a plan does to data, to running VMs and to access')
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
