import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { program } from '../../../lib/cli/main';

const ROOT = join(__dirname, '../../..');
const PAGE = readFileSync(join(ROOT, 'docs/cli.md'), 'utf8');
const PLANS = join(ROOT, 'test/fixtures/plans');
const folder = mkdtempSync(join(tmpdir(), 'clc-json-'));

/** Replaces what a command finds on a cluster, because these tests are about how it is printed. */
function mockFound(): Promise<object> {
  return Promise.resolve({ json: { found: ['a'] }, lines: ['a line', 'another'] });
}

jest.mock('../../../lib/cli/addresses-command', () => ({ addresses: mockFound }));
jest.mock('../../../lib/cli/outdated-keys', () => ({ clients: mockFound }));
jest.mock('../../../lib/cli/export-command', () => ({ exportCommand: mockFound }));
jest.mock('../../../lib/cli/forget-host', () => ({ forgetHost: mockFound }));
jest.mock('../../../lib/cli/import-blocks', () => ({ importBlocks: mockFound }));
jest.mock('../../../lib/cli/init/init', () => ({ init: mockFound }));
jest.mock('../../../lib/cli/preflight-command', () => ({ preflightCommand: mockFound }));
jest.mock('../../../lib/cli/repair', () => ({ repair: mockFound }));
jest.mock('../../../lib/cli/rollback', () => ({ rollback: mockFound }));
jest.mock('../../../lib/cli/runbook', () => ({ runbook: mockFound }));
jest.mock('../../../lib/cli/snapshot', () => ({ snapshot: mockFound, listSnapshots: mockFound }));
jest.mock('../../../lib/cli/trash', () => ({ trashList: mockFound, trashRestore: mockFound }));
jest.mock('../../../lib/cli/undo-runbook', () => ({ undoRunbook: mockFound }));
jest.mock('../../../lib/cli/verify', () => ({ verify: mockFound }));
jest.mock('../../../lib/cli/vms', () => ({ vms: mockFound }));

/** The commands without subcommands, by their full names. */
function commandsOf(all: Command, path = ''): [string, Command][] {
  return all.commands.flatMap((one) => {
    const words = `${path} ${one.name()}`.trim();
    return one.commands.length > 0 ? commandsOf(one, words) : [[words, one] as [string, Command]];
  });
}

/** The values of the arguments that do not accept just any word. */
const ARGUMENTS: { readonly [name: string]: string } = {
  plan: join(PLANS, readdirSync(PLANS).find((file) => file.endsWith('.json')) ?? ''),
  shell: 'bash',
  dir: folder,
};

beforeAll(() => writeFileSync(join(folder, 'cdk.tf.json'), '{}'));
afterAll(() => {
  rmSync(folder, { recursive: true });
  process.exitCode = 0;
});

describe.each(commandsOf(program()))('With --json the command %s', (words, command) => {
  it('prints one JSON document, and nothing else', async () => {
    const printed: string[] = [];
    const given = command.registeredArguments.map((one) => ARGUMENTS[one.name()] ?? 'x');
    const write = jest.spyOn(process.stdout, 'write').mockImplementation((text) => printed.push(String(text)) > 0);
    try {
      await program().parseAsync(['node', 'cli', '--dir', folder, '--json', ...words.split(' '), ...given]);
    } finally {
      write.mockRestore();
    }
    expect(JSON.parse(printed.join(''))).toBeInstanceOf(Object);
  });

  it('prints what the page of the command line says', () => {
    expect(PAGE).toMatch(new RegExp(`^\\| \`${words}\` +\\| (object|array|as \`)`, 'm'));
  });
});
