import { leaveOutMissingConfig } from '../../../lab/demo/terraform-config';

const { TF_CLI_CONFIG_FILE: before } = process.env;
afterEach(() => {
  if (before === undefined) delete process.env['TF_CLI_CONFIG_FILE'];
  else process.env['TF_CLI_CONFIG_FILE'] = before;
});

function told(file?: string): readonly string[] {
  const lines: string[] = [];
  if (file === undefined) delete process.env['TF_CLI_CONFIG_FILE'];
  else process.env['TF_CLI_CONFIG_FILE'] = file;
  leaveOutMissingConfig((line) => void lines.push(line));
  return lines;
}

test("Terraform's configuration file that is named and missing is told in one line, and left out", () => {
  expect(told('/nowhere/terraformrc')).toEqual([
    "Warning: TF_CLI_CONFIG_FILE names '/nowhere/terraformrc', which is not there; going on without it",
  ]);
  expect(process.env['TF_CLI_CONFIG_FILE']).toBeUndefined();
});

test('one that is there stays named, and nothing is said', () => {
  expect(told(__filename)).toEqual([]);
  expect(process.env['TF_CLI_CONFIG_FILE']).toBe(__filename);
});

test("nothing is said where none is named: Terraform looks for '~/.terraformrc' without a word", () => {
  expect(told()).toEqual([]);
});
