import { hasColour } from '../../../lib/cli/colour';

describe('Colour', () => {
  it('appears only on a terminal', () => {
    expect(hasColour({ isTTY: true }, {})).toBe(true);
    expect(hasColour({ isTTY: false }, {})).toBe(false);
    expect(hasColour({}, {})).toBe(false);
  });

  it('is left out when NO_COLOR is set, or the terminal has none', () => {
    expect(hasColour({ isTTY: true }, { NO_COLOR: '1' })).toBe(false);
    expect(hasColour({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
    expect(hasColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
  });
});
