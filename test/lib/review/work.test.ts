import { type Plan, type ResourceChange, review } from '../../../lib/review';
import { largePlan } from '../../helpers/large-plan';

/** How often a review reads a member of a resource's change. */
function readsOf(plan: Plan): number {
  let reads = 0;
  const counted = (one: ResourceChange): ResourceChange =>
    new Proxy(one, { get: (target, name) => (reads++, Reflect.get(target, name) as unknown) });
  review({ ...plan, resource_changes: plan.resource_changes?.map(counted) });
  return reads;
}

test('the work of a review grows linearly with its plan', () => {
  const [small, large] = [largePlan(500), largePlan(4000)];
  const each = (plan: Plan): number => readsOf(plan) / (plan.resource_changes?.length ?? 1);
  expect(each(large)).toBeLessThan(1.1 * each(small));
  expect(each(large)).toBeLessThan(60);
});

test('a large plan is judged object by object, exactly as each of its copies is', () => {
  const { items } = review(largePlan(1000));
  const small = review(largePlan(1)).items;
  const copies = new Set(items.map(({ name }) => name)).size;
  expect(items.length).toBe(copies);
  expect(new Set(items.map(({ verdict, what }) => `${verdict} ${what}`))).toEqual(
    new Set(small.map(({ verdict, what }) => `${verdict} ${what}`)),
  );
});
