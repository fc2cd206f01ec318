import { Fn, Op, Token, Tokenization } from 'cdktf';
import type { Construct } from 'constructs';
import { type ProviderMonitor, providerMonitor } from '../lib/render/provider-monitor';
import { validate } from '../lib/validation';

const HOST = '(?:[[]([0-9A-Fa-f:.]+)]|([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[.]?)';
/**
 * The forms of a monitor, for Terraform's `regex`, as `monitorsIn` reads them: what people write, what Ceph prints for
 * one address, and what it prints for all addresses of one monitor, the preferred one first. `Fn` escapes no backslash.
 */
const FORM = `^(?:${HOST}(?::([0-9]+))?(?:/[0-9]+)?|[[]?(?:v1|v2|any):${HOST}:([0-9]+)(?:/[0-9]+)?(?:,v1:.*)?]?)$`;

/** The same for a monitor that only Terraform may know; Terraform then parses it. */
export function lateMonitor(text: string): ProviderMonitor {
  if (!Token.isUnresolved(text)) return providerMonitor(text);
  const part = (index: number): unknown => Fn.element(Fn.regex(FORM, joined(text)), index);
  const port: unknown = Fn.coalesce([part(2), part(5), 'none']);
  return {
    name: Token.asString(Fn.coalesce([0, 1, 3, 4].map(part))),
    port: Token.asString(Fn.conditional(Op.eq(port, 'none'), null, port)),
  };
}

/** For text and variables in one string: `Fn` warns about those, because it escapes their content (cdktf 0.21). */
function joined(text: string): string {
  const parts: unknown = Tokenization.reverseString(text).join({
    join: (left: unknown, right: unknown) => [left, right].flat(),
  });
  return Array.isArray(parts) ? Fn.join('', parts as string[]) : text;
}

/** Throws if the monitors are one list that only Terraform knows: the provider's attributes name each monitor. */
export function refuseLateList(construct: Construct, monitors: readonly string[]): void {
  const message =
    "'monitors' of the cluster must be given one by one for LibvirtDriver.PROVIDER, got a list that only Terraform knows; " +
    'give a variable for each monitor, or use LibvirtDriver.VIRSH';
  validate(construct, [{ code: 'monitors-list', broken: Token.isUnresolved(monitors), message }]);
}
