import type { Ran } from './fake-run';

/** What is wrong with an object, the code of its error, and how a run meets it. */
export type Fault = readonly [what: string, code: string, meet: () => Promise<Ran>];

/** One test for each fault; `name` is how the error names the object. */
export function testErrors(object: string, name: string, faults: readonly Fault[]): void {
  describe(`An error about ${object} starts with its code and its name, and says nothing twice`, () => {
    test.each(faults)('when it %s', async (_, code, meet) => {
      const { line = 'nothing failed' } = await meet();
      expect(line.startsWith(`error[${code}]: ${name}`)).toBe(true);
      // What is wrong, then what to do next.
      expect(line).toMatch(/^[^;]+; .+[^\]]$/);
    });
  });
}
