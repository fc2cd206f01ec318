import { fewAtOnce } from '../few-at-once';
import type { Tools } from '../steps/tools';
import { evaluate } from './ask-terraform';
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
  if (names.length === 0) return {};
  const members = names.map((name) => `${JSON.stringify(name)} = local.spec_${name}`).join(', ');
  const all = await evaluate(stack, `{ ${members} }`, tools);
  if (all !== undefined) return all as { [name: string]: object };
  // One unknown value makes the whole expression unknown.
  const each = await fewAtOnce(names, async (name) => {
    return [name, await evaluate(stack, `local.spec_${name}`, tools)] as const;
  });
  return Object.fromEntries(each) as { [name: string]: object | undefined };
}
