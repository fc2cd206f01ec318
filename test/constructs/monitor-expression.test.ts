import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TerraformOutput, TerraformVariable } from 'cdktf';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { lateMonitor } from '../../constructs/monitor-expression';
import { stackOf, synth } from '../helpers/synth';

const MONITORS = [
  ['10.0.0.1', '10.0.0.1', undefined],
  ['10.0.0.2:6789', '10.0.0.2', '6789'],
  ['mon-a.example:3300', 'mon-a.example', '3300'],
  ['[2001:db8::1]', '2001:db8::1', undefined],
  ['[2001:db8::1]:3300', '2001:db8::1', '3300'],
  ['mon-a.example.', 'mon-a.example', undefined],
  ['10.0.0.4:6789/0', '10.0.0.4', '6789'],
  ['v2:10.0.0.5:3300', '10.0.0.5', '3300'],
  ['[v2:10.0.0.6:3300/0,v1:10.0.0.6:6789/0]', '10.0.0.6', '3300'],
  ['[v2:[2001:db8::6]:3300/0,v1:[2001:db8::6]:6789/0]', '2001:db8::6', '3300'],
] as const;

test.each(MONITORS)('splits %s at synth', (text, name, port) => {
  expect(lateMonitor(text)).toEqual({ name, port });
});

test('lets Terraform split a variable in the same way, also when it is part of a monitor', () => {
  const stack = stackOf();
  MONITORS.forEach(([text], index) => {
    const variable = new TerraformVariable(stack, `v${index}`, { type: 'string', default: text });
    new TerraformOutput(stack, `o${index}`, { value: lateMonitor(variable.stringValue), staticId: true });
  });
  const address = new TerraformVariable(stack, 'address', { type: 'string', default: '10.0.0.3' });
  new TerraformOutput(stack, 'mixed', { value: lateMonitor(`${address.stringValue}:6789`), staticId: true });
  const warn = jest.spyOn(console, 'warn');
  const { variable, output } = synth(stack).json;
  expect(warn).not.toHaveBeenCalled();
  const found = evaluated({ variable, output });
  MONITORS.forEach(([, name, port], index) => expect(found[`o${index}`]?.value).toEqual({ name, port: port ?? null }));
  expect(found['mixed']?.value).toEqual({ name: '10.0.0.3', port: '6789' });
});

/** The outputs, as the real Terraform evaluates them. */
function evaluated(configuration: object): { readonly [name: string]: { readonly value: object } } {
  const folder = mkdtempSync(join(tmpdir(), 'provider-monitor-'));
  const terraform = (...args: string[]): string =>
    execFileSync(terraformBinary(), args, {
      cwd: folder,
      env: { ...process.env, CHECKPOINT_DISABLE: '1' },
      stdio: 'pipe',
    }).toString();
  writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(configuration));
  try {
    terraform('apply', '-auto-approve');
    return JSON.parse(terraform('output', '-json')) as { [name: string]: { value: object } };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
