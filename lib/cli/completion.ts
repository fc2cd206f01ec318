import type { Command } from 'commander';
import { Refusal } from '../steps/tools';

/** A command, or the program itself, with what may follow it. */
interface CompletionPoint {
  /** The commands that lead to it: '', 'trash list'. */
  readonly path: string;
  readonly commands: readonly Word[];
  readonly options: readonly Word[];
}

interface Word {
  readonly word: string;
  readonly about: string;
}

const SHELLS: { readonly [shell: string]: (name: string, points: readonly CompletionPoint[]) => string[] } = {
  bash,
  zsh,
  fish,
};

/** A script that completes the commands and options of a program in a shell, and the names of files after them. */
export function completion(shell: string, program: Command): string {
  const write = SHELLS[shell];
  if (write === undefined)
    throw new Refusal(
      `there is no completion for '${shell}'`,
      `give one of ${Object.keys(SHELLS).join(', ')}`,
      'option',
    );
  return `${write(program.name(), completionPoints(program, '', [])).join('\n')}\n`;
}

function completionPoints(command: Command, path: string, above: readonly Word[]): CompletionPoint[] {
  const own = command.options.flatMap(({ long, description }) =>
    typeof long === 'string' ? [{ word: long, about: description }] : [],
  );
  const options = [...own, ...above];
  const commands = command.commands.map((one) => ({ word: one.name(), about: one.description() }));
  const below = command.commands.flatMap((one) =>
    completionPoints(
      one,
      `${path} ${one.name()}`.trim(),
      options.filter(({ word }) => word !== '--version'),
    ),
  );
  return [{ path, commands, options }, ...below];
}

function wordsOf({ commands, options }: CompletionPoint): readonly Word[] {
  return [...commands, ...options];
}

/** Collects the words typed so far that are commands in `at`, joined by spaces. */
function walk(points: readonly CompletionPoint[], word: string): string[] {
  const paths = points.map(({ path }) => path).filter((path) => path !== '');
  const patterns = paths.map((path) => `'${path.includes(' ') ? path : ` ${path}`}'`).join(' | ');
  return [`    case "$at ${word}" in ${patterns}) at="\${at:+$at }${word}" ;; esac`];
}

function functionName(name: string): string {
  return `_${name.replace(/\W/g, '_')}`;
}

function bash(name: string, points: readonly CompletionPoint[]): string[] {
  const word = '${COMP_WORDS[i]}';
  return [
    `${functionName(name)}() {`,
    "  local i at='' words=''",
    '  for ((i = 1; i < COMP_CWORD; i++)); do',
    ...walk(points, word),
    '  done',
    '  case "$at" in',
    ...points.map(
      (point) =>
        `    '${point.path}') words='${wordsOf(point)
          .map((one) => one.word)
          .join(' ')}' ;;`,
    ),
    '  esac',
    '  COMPREPLY=($(compgen -W "$words" -- "${COMP_WORDS[COMP_CWORD]}"))',
    '}',
    `complete -o default -F ${functionName(name)} ${name}`,
  ];
}

function zsh(name: string, points: readonly CompletionPoint[]): string[] {
  const described = ({ word, about }: Word): string =>
    `'${`${word}:${about.replaceAll(':', '\\:')}`.replaceAll("'", "'\\''")}'`;
  return [
    `#compdef ${name}`,
    `${functionName(name)}() {`,
    "  local i at=''",
    '  local -a choices',
    '  for ((i = 2; i < CURRENT; i++)); do',
    ...walk(points, '${words[i]}'),
    '  done',
    '  case "$at" in',
    ...points.map((point) => `    '${point.path}') choices=(${wordsOf(point).map(described).join(' ')}) ;;`),
    '  esac',
    "  _describe 'command or option' choices",
    '  _files',
    '}',
    `compdef ${functionName(name)} ${name}`,
  ];
}

function fish(name: string, points: readonly CompletionPoint[]): string[] {
  return points.flatMap((point) => {
    const seen = point.path.split(' ').map((word) => `__fish_seen_subcommand_from ${word}`);
    const below = point.commands.map(({ word }) => word).join(' ');
    const not = below === '' ? [] : [`not __fish_seen_subcommand_from ${below}`];
    const when = (point.path === '' ? ['__fish_use_subcommand'] : [...seen, ...not]).join('; and ');
    return wordsOf(point).map(({ word, about }) => {
      const what = word.startsWith('--') ? `-l ${word.slice(2)}` : `-a ${word}`;
      return `complete -c ${name} -n '${when}' ${what} -d '${about.replace(/[\\']/g, '\\$&')}'`;
    });
  });
}
