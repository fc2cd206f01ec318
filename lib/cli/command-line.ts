import { type Command, InvalidArgumentError } from 'commander';
import { type GlobalOptions, type Result, runCommand, type Session } from './command-session';

export interface Yes {
  readonly yes?: boolean;
}

/** The options that set the stack's variables, in their order on the command line. */
const variables: string[] = [];

/** Terraform runs in the stack's folder, but files are named relative to ours. */
export function given(option: string, read = (value: string): string => value): (value: string) => void {
  return (value) => void variables.push(`${option}=${read(value)}`);
}

export function secondsOf(text: string): number {
  if (!/^\d{1,7}$/.test(text)) throw new InvalidArgumentError('it must be a whole number of seconds.');
  return Number(text);
}

/** Runs a command on its stack, with the options of the whole command line. */
export async function run(command: Command, work: (session: Session) => Promise<Result>, dir?: string): Promise<void> {
  const parents = command.parent?.parent ? `${command.parent.name()} ` : '';
  process.exitCode = await runCommand(
    `${parents}${command.name()}`,
    { ...command.optsWithGlobals<GlobalOptions>(), ...(dir === undefined ? {} : { dir }), variables },
    work,
  );
}
