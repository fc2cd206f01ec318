import { Fn, Token, Tokenization } from 'cdktf';
import type { Construct } from 'constructs';
import { type ProviderMonitor, providerMonitor } from '../lib/render/provider-monitor';
import { validate } from '../lib/validation';

/** The forms of a monitor, for Terraform's `regex`: an address of version 6, a name, a port. `Fn` escapes no backslash. */
const FORM = '^(?:[[]([^]]+)]|([^:]+))(?::([0-9]+))?$';

/** The same for a monitor that may be known to Terraform only, which then takes it apart. */
export function lateMonitor(text: string): ProviderMonitor {
  if (!Token.isUnresolved(text)) return providerMonitor(text);
  const part = (index: number): unknown => Fn.element(Fn.regex(FORM, joined(text)), index);
  return { name: Token.asString(Fn.coalesce([part(0), part(1)])), port: Token.asString(part(2)) };
}

/** Text and variables in one string: `Fn` warns of those, as it escapes what is in them (cdktf 0.21). */
function joined(text: string): string {
  const parts: unknown = Tokenization.reverseString(text).join({
    join: (left: unknown, right: unknown) => [left, right].flat(),
  });
  return Array.isArray(parts) ? Fn.join('', parts as string[]) : text;
}

/** Throws where the monitors are one list that only Terraform knows: the provider's attributes name each of them. */
export function refuseLateList(construct: Construct, monitors: readonly string[]): void {
  const message =
    "'monitors' of the cluster must be named one by one for LibvirtDriver.PROVIDER, got a list that only Terraform knows; " +
    'give a variable for each monitor, or use LibvirtDriver.VIRSH';
  validate(construct, [{ code: 'monitors-list', broken: Token.isUnresolved(monitors), message }]);
}
