import type { TerraformResourceConfig } from 'cdktf';
import type { Construct } from 'constructs';
import { Domain, type DomainArguments, type DomainConfig, type LibvirtProvider } from '../lib/provider-libvirt';
import { renderArguments } from '../lib/provider-libvirt/renderer';
import { TerraformData, scriptProvisioner } from '../lib/terraform';

/** The meta arguments of a provider resource that its object stands before. */
export function replacedByObject(
  provider: LibvirtProvider,
  gate: string,
): Pick<TerraformResourceConfig, 'provider' | 'dependsOn'> & {
  readonly lifecycle: { readonly replaceTriggeredBy: string[] };
} {
  // The provider (0.9.7) reports every update of a running VM and of a pool as an error, so each change is a replace.
  return { provider, dependsOn: [{ fqn: gate }], lifecycle: { replaceTriggeredBy: [gate] } };
}

/**
 * A domain whose disks and interfaces may still be added until synth. Not by tokens: cdktf refuses an override inside of
 * one ('devices.watchdogs').
 */
export class DeferredDomain extends Domain {
  constructor(
    scope: Construct,
    id: string,
    private readonly late: () => DomainArguments,
    meta: Pick<DomainConfig, 'provider' | 'dependsOn' | 'lifecycle'>,
  ) {
    // What the provider (0.9.7) sees changed it puts back in place, with no script of ours before it: the disk of a VM with
    // an overlay too, and what the guest wrote since is lost.
    super(scope, id, { ...late(), ...meta, lifecycle: { ...meta.lifecycle, ignoreChanges: 'all' } });
  }

  public get overridden(): { readonly [argument: string]: unknown } {
    return this.rawOverrides as { readonly [argument: string]: unknown };
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return renderArguments(this.late()) as { [name: string]: unknown };
  }
}

/** What was overridden, as a field of the object before the domain: a change replaces the VM, as that of a prop does. */
export function overridesOf({ overridden }: DeferredDomain): { readonly overrides?: object } {
  const ofTerraform = ['lifecycle', 'depends_on', 'provider', 'count', 'for_each', 'connection', 'provisioner'];
  const found = Object.entries(overridden).filter(([name]) => !ofTerraform.includes(name));
  return found.length === 0 ? {} : { overrides: Object.fromEntries(found) };
}

/**
 * Starts what the provider has defined, each time that it has: anew, which the UUID tells, as the provider (0.9.7) chooses
 * another one, or in place, as an override that changes does.
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
      // Not by 'ensure', which stops when Terraform is killed: a killed Terraform may have recorded this as done.
      provisioner: [scriptProvisioner(this, 'domain-start', 'complete', this.props.spec)],
      lifecycle: { replace_triggered_by: [domain] },
      depends_on: [domain],
    };
  }
}
