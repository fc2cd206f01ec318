import { Token } from 'cdktf';
import { Duration } from '../../lib/duration';

describe('Duration', () => {
  it.each([
    [Duration.seconds(90), '90 seconds', 90],
    [Duration.minutes(2), '2 minutes', 120],
    [Duration.days(30), '30 days', 2_592_000],
  ])('prints as it was given: %s', (duration, text, seconds) => {
    expect(String(duration)).toBe(text);
    expect(duration._seconds()).toBe(seconds);
  });

  it('keeps a token, whose seconds are unknown', () => {
    const duration = Duration.minutes(Token.asNumber('${var.minutes}'));
    expect(duration._seconds()).toBeUndefined();
    expect(Token.isUnresolved(duration.toString())).toBe(true);
  });
});
