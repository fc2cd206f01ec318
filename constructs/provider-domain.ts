import type { TerraformResourceConfig } from 'cdktf';
import type { Construct } from 'constructs';
import { Domain, type DomainArguments, type DomainConfig, type LibvirtProvider } from '../lib/provider-libvirt';
import { renderArguments } from '../lib/provider-libvirt/renderer';
import { TerraformData, scriptProvisioner } from '../lib/terraform';

/** The meta-arguments of a provider resource that comes after the spec of its object. */
export function replacedBySpec(
  provider: LibvirtProvider,
  after: string,
): Pick<TerraformResourceConfig, 'provider' | 'dependsOn'> & {
  readonly lifecycle: { readonly replaceTriggeredBy: string[] };
} {
  // The provider (0.9.7) reports every update of a running VM and of a pool as an error, so each change is a replace.
  return { provider, dependsOn: [{ fqn: after }], lifecycle: { replaceTriggeredBy: [after] } };
}

/**
 * A domain to which disks and interfaces can be added until synth. Not with tokens: cdktf refuses an override inside
 * one ('devices.watchdogs').
 */
export class DeferredDomain extends Domain {
  constructor(
    scope: Construct,
    id: string,
    private readonly late: () => DomainArguments,
    meta: Pick<DomainConfig, 'provider' | 'dependsOn' | 'lifecycle'>,
  ) {
    // The provider (0.9.7) puts back in place whatever it sees changed, before any script of ours runs: even the disk
    // of a VM with an overlay, and what the guest wrote since would be lost.
    super(scope, id, { ...late(), ...meta, lifecycle: { ...meta.lifecycle, ignoreChanges: 'all' } });
  }

  public get overridden(): { readonly [argument: string]: unknown } {
    return this.rawOverrides as { readonly [argument: string]: unknown };
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return renderArguments(this.late()) as { [name: string]: unknown };
  }
}

/**
 * The overrides, as a field of the spec before the domain, so that a changed override replaces the VM like a changed
 * prop.
 */
export function overridesOf({ overridden }: DeferredDomain): { readonly overrides?: object } {
  const ofTerraform = ['lifecycle', 'depends_on', 'provider', 'count', 'for_each', 'connection', 'provisioner'];
  const found = Object.entries(overridden).filter(([name]) => !ofTerraform.includes(name));
  return found.length === 0 ? {} : { overrides: Object.fromEntries(found) };
}

/**
 * Starts the VM each time the provider has defined it: either anew, which shows in the UUID because the provider
 * (0.9.7) chooses another one, or in place, after a changed override.
 */
export class DomainStart extends TerraformData {
  constructor(
    scope: Construct,
    private readonly props: { readonly name: string; readonly domain: string; readonly spec: string },
  ) {
    super(scope, 'started', `terraform_data.${props.name}_started`);
  }

  protected attributes(): { readonly [name: string]: unknown } {
    const domain = `libvirt_domain.${this.props.domain}`;
    return {
      triggers_replace: { uuid: `\${${domain}.uuid}` },
      provisioner: [scriptProvisioner(this, 'domain', 'start', this.props.spec)],
      lifecycle: { replace_triggered_by: [domain] },
      depends_on: [domain],
    };
  }
}
