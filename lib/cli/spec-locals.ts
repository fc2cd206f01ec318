import type { Tools } from '../steps/tools';
import { evaluateAll } from './terraform-console';
import type { Stack } from './terraform-stack';

/**
 * What the configuration says about objects beside their fields, by name; undefined if it depends on a resource that
 * was never applied. Terraform itself evaluates the locals: they may contain variables, the workspace and escaped text.
 */
export async function readLocals(
  stack: Stack,
  objects: readonly string[],
  tools: Tools,
): Promise<{ readonly [name: string]: object | undefined }> {
  const names = objects.filter((name) => stack.synthesized.locals?.[`spec_${name}`] !== undefined);
  const values = await evaluateAll(
    stack,
    names.map((name) => `local.spec_${name}`),
    tools,
  );
  return Object.fromEntries(names.map((name, index) => [name, values[index]])) as {
    [name: string]: object | undefined;
  };
}
