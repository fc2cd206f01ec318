// A limit against a hang, not a measure of speed: a slow machine that does three things at once must stay below it.
jest.setTimeout(300_000);
