import type { TerraformResourceConfig } from 'cdktf';
import type { LibvirtProvider } from '../lib/provider-libvirt';

/** The meta arguments of a provider resource that its object stands before. */
export function behindGate(
  provider: LibvirtProvider,
  gate: string,
): Pick<TerraformResourceConfig, 'provider' | 'dependsOn'> & {
  readonly lifecycle: { readonly replaceTriggeredBy: string[] };
} {
  // The provider (0.9.7) reports every update of a running VM and of a pool as an error, so each change is a replace.
  return { provider, dependsOn: [{ fqn: gate }], lifecycle: { replaceTriggeredBy: [gate] } };
}
