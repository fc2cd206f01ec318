import { runVerb } from '../../../lib/exec/verbs';
import { disk } from '../../../lib/steps/disk';

jest.mock('../../../lib/exec/load-kind', () => ({ loadKind: () => Promise.resolve(disk) }));

test.each(['start', 'stop'] as const)("fails for the verb '%s' of a kind that does not have it", async (verb) => {
  const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  expect(await runVerb('disk', verb, {}, undefined)).toBe(1);
  expect(stderr.mock.calls.flat().join('')).toContain(`'${verb}' is not a verb of 'disk'`);
  stderr.mockRestore();
});
