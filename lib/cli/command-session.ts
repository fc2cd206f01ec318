import { hostname } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { OwnerSpec } from '../model';
import { Stopped } from '../exec/children';
import { runOne } from '../exec/run-command';
import { errorLine, oneLine } from '../exec/messages';
import { watchSignals } from '../exec/stop-triggers';
import { makeTools, type OpenTools } from '../exec/make-tools';
import { ownerText } from '../steps/ownership/mark';
import { Refusal } from '../steps/tools';
import type { VmSession } from '../vm-snapshots/vm-session';
import { Screen } from './terminal-output';
import { openStack, type Stack } from './terraform-stack';
import { type Objects, readObjects } from './stack-objects';
import { UninterruptibleChildren } from '../vm-snapshots/uninterruptible';

/** What every command takes. */
export interface GlobalOptions {
  readonly dir: string;
  readonly stack?: string;
  readonly json?: boolean;
  /** As for Terraform, in the order given: the last one counts. */
  readonly variables?: readonly string[];
}

/** What a command found: for a program, and for a person. */
export interface Result {
  readonly json: unknown;
  readonly lines: readonly string[];
  /** Exits with 2: something differs or needs attention. */
  readonly finding?: boolean;
}

/** What a command has at hand. */
export interface Session extends VmSession {
  readonly stack: Stack;
  readonly tools: OpenTools;
  /** As of the start of the command. */
  objects(): Promise<Objects>;
  /** As of now: an apply may have run meanwhile. */
  look(): Promise<Objects>;
  /** Asks the person at the terminal; `yes` answers for them. Throws a `Refusal` if the answer is no. */
  confirm(question: string, yes: boolean | undefined): Promise<void>;
}

const FINDING = 2;

/** Runs a command in its own session; prints the result, or one line of error. Returns the exit code. */
export async function runCommand(
  name: string,
  options: GlobalOptions,
  work: (session: Session) => Promise<Result>,
): Promise<number> {
  const children = new UninterruptibleChildren(({ message }) =>
    process.stderr.write(`${message}: waiting for an action that must not be interrupted\n`),
  );
  watchSignals(children);
  let tools: OpenTools | undefined;
  const screen = new Screen(process.stderr);
  try {
    const session = openSession(name, options, children, screen);
    tools = session.tools;
    const { json, lines, finding } = await work(session);
    const text = options.json ? JSON.stringify(json, undefined, 2) : lines.join('\n');
    if (text !== '') process.stdout.write(`${text}\n`);
    return finding ? FINDING : 0;
  } catch (error) {
    screen.error(asTyped(errorLine(name, undefined, error)));
    return error instanceof Stopped ? error.exitCode : 1;
  } finally {
    await tools?.close();
  }
}

/** Errors of steps and scripts end with advice for an apply; here a command was typed. */
export function asTyped(text: string): string {
  return text.replaceAll('apply again', 'try again');
}

function openSession(name: string, options: GlobalOptions, children: UninterruptibleChildren, screen: Screen): Session {
  const stack = openStack(options.dir, options.stack, options.variables);
  // Standard output is only for the command's result.
  const say = (line: string): void => screen.say(asTyped(oneLine(line)));
  const process_ = `process ${process.pid} on ${hostname()}`;
  const holder = oneLine(`'cdktf-libvirt-ceph ${name}' (${process_})`);
  const tools = { ...makeTools({ children, holder, say }), bar: screen.bar() };
  let objects: Promise<Objects> | undefined;
  return {
    stack,
    tools,
    children,
    objects: () => (objects ??= readObjects(stack, tools)),
    look: () => readObjects(stack, tools),
    cleanUp: (command, timeout) => runOne(children, command, { timeout, evenWhenStopped: true }),
    untilDone: (work) => children.untilDone(work),
    confirm,
  };
}

async function confirm(question: string, yes: boolean | undefined): Promise<void> {
  if (yes) return;
  if (!process.stdin.isTTY) throw new Refusal(question, 'use --yes if there is no terminal', 'not-confirmed');
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(`${question}. Type 'yes' to continue: `);
  terminal.close();
  if (answer.trim() !== 'yes') throw new Refusal('nothing was changed', "only 'yes' continues", 'not-confirmed');
}

/** "project 'shop', stack 'prod', workspace 'default'"; a dash if unknown. */
export function ownerOrDash(owner: OwnerSpec | undefined): string {
  return owner === undefined ? '-' : ownerText(owner);
}
