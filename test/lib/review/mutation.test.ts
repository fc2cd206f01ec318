import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parsePlan, type Plan, review } from '../../../lib/review';
import type { Verdict } from '../../../lib/review/verdicts';
import { MADE, madePlan } from '../../helpers/made-plans';
import { planNames, planOf } from '../../helpers/plans';

/** A rule is the place in lib/review that makes a finding; one rule at a time can be inverted. */
const rules: { turned?: string; readonly hit: Set<string> } = { hit: new Set() };

jest.mock('../../../lib/review/verdicts', () => {
  const actual = jest.requireActual<{ finding: (verdict: Verdict, reason: string) => object }>(
    '../../../lib/review/verdicts',
  );
  const finding = (verdict: Verdict, reason: string): object => {
    const [, file = '', place = ''] = /lib\/review\/([\w-]+\.ts):(\d+:\d+)/.exec(new Error().stack ?? '') ?? [];
    const rule = `${file}:${place}`;
    rules.hit.add(rule);
    const other: Verdict = verdict === 'SAFE' ? 'UNKNOWN' : 'SAFE';
    return actual.finding(rule === rules.turned ? other : verdict, reason);
  };
  return { ...actual, finding };
});

const PLANS: readonly (readonly [string, Plan])[] = [
  ...planNames().map((name) => [name, parsePlan(JSON.stringify(planOf(name)))] as const),
  ...Object.entries(MADE).map(([name, made]) => [name, madePlan(made)] as const),
];
const verdicts = (plan: Plan): string => JSON.stringify(review(plan).items.map(({ verdict, name }) => [verdict, name]));

/** For each rule, the plans that reached it, with their verdicts. */
const hits = new Map<string, (readonly [Plan, string])[]>();
for (const [, plan] of PLANS) {
  rules.hit.clear();
  const said = verdicts(plan);
  for (const rule of rules.hit) hits.set(rule, [...(hits.get(rule) ?? []), [plan, said]]);
}

/** The number of findings that a file of lib/review makes. */
function findingsIn(file: string): number {
  const path = join(__dirname, '../../../lib/review', file);
  const source = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  let count = 0;
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && node.expression.getText() === 'finding') count++;
    ts.forEachChild(node, visit);
  };
  visit(source);
  return count;
}

describe('No rule is idle', () => {
  test.each(readdirSync(join(__dirname, '../../../lib/review')).filter((file) => findingsIn(file) > 0))(
    'each rule of %s is hit by a plan',
    (file) => {
      const seen = [...hits.keys()].filter((rule) => rule.startsWith(`${file}:`));
      expect(seen).toHaveLength(findingsIn(file));
    },
  );

  test.each([...hits.keys()].sort())('inverting the rule at %s changes how a plan is judged', (rule) => {
    rules.turned = rule;
    const others = (hits.get(rule) ?? []).filter(([plan, said]) => verdicts(plan) !== said);
    rules.turned = undefined;
    expect(others).not.toEqual([]);
  });
});
