// Each test asks for what it may take at most; a hook or a short test that asks for nothing shares a slow machine all the same.
jest.setTimeout(120_000);
