import { TerraformResource } from 'cdktf';
import type { Construct } from 'constructs';
import { claimAddress } from './address';
import { checkStack } from './stack-checks';

/** A part of a stack's JSON. */
export interface Blocks {
  readonly resource: { readonly terraform_data: { readonly [name: string]: object } };
  readonly locals?: { readonly [name: string]: object };
}

/**
 * `terraform_data` with an address that we choose. Not cdktf's `DataResource`, which runs `terraform version` for each
 * resource at synth (cdktf 0.21: 1,000 resources, 45 s).
 */
export abstract class TerraformData extends TerraformResource {
  constructor(
    scope: Construct,
    id: string,
    /** "terraform_data.web1_spec" */
    public readonly address: string,
  ) {
    checkStack(scope);
    super(scope, id, { terraformResourceType: 'terraform_data' });
    this.overrideLogicalId(address.replace('terraform_data.', ''));
    claimAddress(scope, this.address);
  }

  /** The attributes as in the JSON, including `depends_on`: only known when the whole stack is. */
  protected abstract attributes(): { readonly [name: string]: unknown };

  /** Further blocks that come with it. */
  protected beside(): Blocks {
    return { resource: { terraform_data: {} } };
  }

  // Not in synthesizeAttributes: cdktf (0.21) overwrites what it returns with its own unset for_each, depends_on and
  // provisioner.
  public override toTerraform(): Blocks {
    const { resource } = super.toTerraform() as { resource: { terraform_data: { [logicalId: string]: object } } };
    // Without '//', which makes the CLI (0.21) print 'terraform_data.web1_spec (web1/object)_confirmed' for its
    // confirmation.
    const set = Object.entries(resource.terraform_data[this.friendlyUniqueId] ?? {}).filter(
      ([name, value]) => value !== undefined && name !== '//',
    );
    const attributes = { ...this.attributes(), ...Object.fromEntries(set) };
    const { resource: others, ...rest } = this.beside();
    return { ...rest, resource: { terraform_data: { [this.friendlyUniqueId]: attributes, ...others.terraform_data } } };
  }
}
