import * as z from '../../../lib/steps/schema';

const PERSON = z.object({
  name: z
    .string()
    .min(1)
    .regex(/^[a-z]+$/, 'is no name'),
  age: z.number().int().min(0).max(150).optional(),
  tags: z.array(z.string()).min(1).optional(),
  sizes: z.record(z.string().regex(/^v/, 'does not begin with v'), z.number()).optional(),
});

test('takes valid values, and drops members that are not named', () => {
  const given = { name: 'a', age: 3, tags: ['x'], sizes: { vda: 1 } };
  expect(PERSON.parse({ ...given, later: true })).toEqual(given);
  expect(PERSON.parse({ name: 'a', age: undefined })).toEqual({ name: 'a' });
});

test.each<[unknown, string, string]>([
  [{ name: 7 }, 'name', 'expected a text, got number'],
  [{}, 'name', 'expected a text, got nothing'],
  [{ name: '' }, 'name', 'is shorter than 1'],
  [{ name: 'A' }, 'name', 'is no name'],
  [{ name: 'a', age: 1.5 }, 'age', 'is not a whole number'],
  [{ name: 'a', age: -1 }, 'age', 'is less than 0'],
  [{ name: 'a', age: 151 }, 'age', 'is more than 150'],
  [{ name: 'a', age: Number.NaN }, 'age', 'expected a number, got number'],
  [{ name: 'a', tags: [] }, 'tags', 'has fewer than 1'],
  [{ name: 'a', tags: ['x', null] }, 'tags.1', 'expected a text, got null'],
  [{ name: 'a', tags: { 0: 'x' } }, 'tags', 'expected a list, got object'],
  [{ name: 'a', sizes: { sda: 1 } }, 'sizes.sda', 'does not begin with v'],
  [null, '', 'expected an object, got null'],
  [[], '', 'expected an object, got object'],
])('fails for %j and names the first invalid field', (given, path, message) => {
  let issue: z.Issue | undefined;
  try {
    PERSON.parse(given);
  } catch (error) {
    issue = (error as z.ShapeError).issue;
  }
  expect([issue?.path.join('.'), issue?.message]).toEqual([path, message]);
});

test('a strict object fails for an unknown member', () => {
  expect(() => z.strictObject({ mon: z.string().optional() }).parse({ mds: 'x' })).toThrow('is not known');
});

test('an object can be extended with more members, which replace those of the same name, and with a rule for the whole', () => {
  const more = PERSON.extend({ name: z.literal('b'), kind: z.enum(['c', 'd']) });
  expect(more.parse({ name: 'b', kind: 'c' })).toEqual({ name: 'b', kind: 'c' });
  expect(() => more.parse({ name: 'b', kind: 'e' })).toThrow(`expected 'c' or 'd', got string`);
  const ruled = more.refine(({ age, tags }) => (age === undefined) === (tags === undefined), 'is half');
  expect(() => ruled.parse({ name: 'b', kind: 'c', age: 1 })).toThrow('is half');
});

test('a union is chosen by one member', () => {
  const union = z.discriminatedUnion('type', [
    z.object({ type: z.literal('local') }),
    z.object({ type: z.literal('ssh'), port: z.number().optional() }),
  ]);
  expect(union.parse({ type: 'ssh', port: 22 })).toEqual({ type: 'ssh', port: 22 });
  expect(() => union.parse({ type: 'ssh', port: 'x' })).toThrow('expected a number');
  expect(() => union.parse({ type: 'smoke' })).toThrow('is of an unknown kind');
});

test('a value may be transformed after it was read, and a URL has a protocol', () => {
  expect(
    z
      .string()
      .transform((text) => text.length)
      .parse('abc'),
  ).toBe(3);
  const address = z.url({ protocol: /^https?$/, error: 'is no address' });
  expect(address.accepts('http://a/b')).toBe(true);
  expect(address.accepts('file:///b')).toBe(false);
  expect(address.accepts('a')).toBe(false);
});
