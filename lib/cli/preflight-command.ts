import { preflight, renderPreflight } from '../preflight';
import { terraformBinary } from './terraform-stack';
import type { Result, Session } from './command-session';
import { wantedObjects } from './wanted-objects';

/** Checks, before the first apply, for anything that would make it fail. */
export async function preflightCommand({ stack, tools }: Session): Promise<Result> {
  const { objects, unknown } = await wantedObjects(stack, tools);
  const report = await preflight(objects, terraformBinary(), tools);
  const notLooked =
    unknown.length === 0 ? [] : [`not checked, because only an apply knows what they are: ${unknown.join(', ')}`];
  return {
    json: { ...report, notLookedAt: unknown },
    lines: [...renderPreflight(report), ...notLooked],
    finding: !report.ok,
  };
}
