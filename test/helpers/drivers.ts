import { LibvirtDriver } from '../../constructs';
import { providerMissing as lookUp } from '../../lab/provider';

const VARIABLE = 'CLC_PROVIDER_MISSING';

/**
 * Why `terraform init` does not find the provider; empty if it does. Looked up once per run, by jest's global setup.
 */
export function providerMissing(): string {
  return (process.env[VARIABLE] ??= toldOnce(lookUp()));
}

/** A file that is skipped as a whole shows no title, and so no reason. */
function toldOnce(missing: string): string {
  if (missing !== '') process.stderr.write(`SKIPPED all tests with PROVIDER: ${missing}\n`);
  return missing;
}

/** A `describe` whose tests count as skipped, with the reason in their title, if the provider is not found. */
export function describeByProvider(title: string, tests: () => void): void {
  const missing = providerMissing();
  if (missing === '') describe(`${title}, with PROVIDER`, tests);
  else describe.skip(`${title}, with PROVIDER (skipped: ${missing})`, tests);
}

/**
 * `test` for what the drivers do alike, which is all but VMs and storage pools (test/constructs/drivers.test.ts): in a
 * `describeByDriver` it runs once, with VIRSH.
 */
export function onceFor(driver: LibvirtDriver): jest.It {
  if (driver === LibvirtDriver.VIRSH) return test;
  const none = (): void => undefined;
  return Object.assign(none, { each: () => none }) as unknown as jest.It;
}

/** The same tests for each driver; `prefix` is for the names of what a test makes, because both share a lab. */
export function describeByDriver(title: string, tests: (driver: LibvirtDriver, prefix: string) => void): void {
  describe(`${title}, with VIRSH`, () => tests(LibvirtDriver.VIRSH, 'v'));
  describeByProvider(title, () => tests(LibvirtDriver.PROVIDER, 'p'));
}
