// A limit against a hang and no measure of speed: a slow machine that does three things at once has to stay below it.
jest.setTimeout(300_000);
