import { parsePlan, review, type Review } from '../../../lib/review';
import { titleOf } from '../../../lib/review/terminal-text';
import { MADE, madePlan } from '../../helpers/made-plans';
import { planNames, planOf } from '../../helpers/plans';
import { VERDICTS_OF } from '../../helpers/plan-verdicts';

const judged = ({ items }: Review): string[] => items.map((one) => `${one.verdict} ${titleOf(one)}`);

describe('A plan that Terraform made is judged as an operator would judge it', () => {
  test('each recorded plan has its verdicts', () => {
    expect(planNames()).toEqual(Object.keys(VERDICTS_OF).sort());
    expect(planNames().length).toBeGreaterThanOrEqual(30);
  });

  test.each(Object.entries(VERDICTS_OF))('the plan %s has its verdicts', (name, verdicts) => {
    const found = judged(review(parsePlan(JSON.stringify(planOf(name)))));
    expect(found).toEqual(verdicts);
  });
});

describe('A plan that no lab makes at will', () => {
  test.each(Object.entries(MADE))('is judged as an operator would judge it, with %s', (_, made) => {
    expect(judged(review(madePlan(made)))).toEqual(made.verdicts);
  });
});
