import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { TerraformStack } from 'cdktf';
import type { IConstruct } from 'constructs';
import { ValidationError } from '../errors';
import type { OwnerSpec } from '../model';

const CONTEXT = 'libvirtCephOwner';
const found = new WeakMap<TerraformStack, OwnerSpec>();

/**
 * Who owns what this stack makes: the context `libvirtCephOwner`, or the `projectId` of the nearest cdktf.json in or
 * above the working folder; plus the stack and, at apply, the Terraform workspace. Throws a `ValidationError` if there
 * is neither.
 */
export function ownerOf(construct: IConstruct): OwnerSpec {
  const stack = TerraformStack.of(construct);
  const known = found.get(stack);
  if (known) return known;
  const context: unknown = stack.node.tryGetContext(CONTEXT);
  const project = context ?? projectIdAbove(process.cwd());
  if (typeof project !== 'string' || !/^[\w.:@/-]{1,128}$/.test(project)) {
    throw ValidationError.of(
      stack,
      'owner',
      `the owner must be 1 to 128 letters, digits or any of '_.:@/-', got ${JSON.stringify(project)}; ` +
        `set the context '${CONTEXT}', or run in or below a folder that has a cdktf.json with a 'projectId'`,
    );
  }
  const owner = { project, stack: stack.node.id, workspace: '${terraform.workspace}' };
  found.set(stack, owner);
  return owner;
}

function projectIdAbove(folder: string): unknown {
  const file = join(folder, 'cdktf.json');
  if (existsSync(file)) {
    const { projectId } = JSON.parse(readFileSync(file, 'utf8')) as { projectId?: unknown };
    return projectId;
  }
  return dirname(folder) === folder ? undefined : projectIdAbove(dirname(folder));
}
