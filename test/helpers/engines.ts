import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../..');
const VARIABLE = 'TERRAFORM_BINARY_NAME';

/**
 * An engine that docs/upgrading.md names, and where `node test/engines.mjs` builds it: that takes minutes, so no test
 * does it.
 */
interface Engine {
  readonly name: 'opentofu' | 'terraform';
  readonly version: string;
  readonly binary: string;
}

function engines(): Engine[] {
  const listed = execFileSync(process.execPath, ['test/engines.mjs', '--list'], { cwd: ROOT, encoding: 'utf8' });
  const lines = listed.trim().split('\n');
  return lines.map((line) => {
    const [, name, version, binary] = /^(\w+)@(\S+) (.+)$/.exec(line) ?? [];
    return { name, version, binary } as Engine;
  });
}

/** Tests that need OpenTofu's binary; skipped, with the reason, if it is not built. */
export function describeWithOpenTofu(title: string, tests: (binary: string) => void): void {
  const binary = engines().find(({ name }) => name === 'opentofu')?.binary ?? '';
  if (existsSync(binary)) describe(title, () => tests(binary));
  else describe.skip(`${title} (skipped: 'node test/engines.mjs' has not built it)`, () => tests(binary));
}

/** The same tests with each engine, which everything in them uses; skipped, with the reason, if it is not built. */
export function describeByEngine(title: string, tests: (engine: Engine) => void): void {
  for (const engine of engines()) {
    const name = `${title}, with ${engine.name} ${engine.version}`;
    const before = process.env[VARIABLE];
    if (!existsSync(engine.binary)) {
      describe.skip(`${name} (skipped: 'node test/engines.mjs' has not built it)`, () => tests(engine));
      continue;
    }
    describe(name, () => {
      beforeAll(() => void (process.env[VARIABLE] = engine.binary));
      afterAll(() => {
        if (before === undefined) delete process.env[VARIABLE];
        else process.env[VARIABLE] = before;
      });
      tests(engine);
    });
  }
}
