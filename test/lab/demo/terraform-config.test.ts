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

test('a named Terraform configuration file that is missing is reported in one line and left out', () => {
  expect(told('/nowhere/terraformrc')).toEqual([
    "Warning: TF_CLI_CONFIG_FILE names '/nowhere/terraformrc', which is not there; going on without it",
  ]);
  expect(process.env['TF_CLI_CONFIG_FILE']).toBeUndefined();
});

test('a named Terraform configuration file that exists is kept without a message', () => {
  expect(told(__filename)).toEqual([]);
  expect(process.env['TF_CLI_CONFIG_FILE']).toBe(__filename);
});

test("no message appears when none is named, because Terraform looks for '~/.terraformrc' silently", () => {
  expect(told()).toEqual([]);
});
