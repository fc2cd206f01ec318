import { Construct } from 'constructs';
import { ValidationError } from '../../lib/errors';
import { stackOf } from '../helpers/synth';

describe('ValidationError', () => {
  it('lists every violation, one per line, with the code of the first', () => {
    const violations = [
      { code: 'a', path: 'stack/x', message: "'p' must be 1" },
      { code: 'b', path: 'stack/y', message: "'q' must be 2" },
    ];
    const error = new ValidationError(violations);
    expect(error).toBeInstanceOf(Error);
    expect(error.name).toBe('ValidationError');
    expect(error.code).toBe('a');
    expect(error.violations).toEqual(violations);
    expect(error.message).toBe("[a] stack/x: 'p' must be 1\n[b] stack/y: 'q' must be 2");
  });

  it('names the path of its construct', () => {
    const error = ValidationError.of(new Construct(stackOf(), 'x'), 'a', 'no');
    expect(error.violations).toEqual([{ code: 'a', path: 'stack/x', message: 'no' }]);
  });
});
