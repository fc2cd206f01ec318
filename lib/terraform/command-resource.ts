import { TerraformDataSource, TerraformModule, TerraformResource } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';
import { type Kind, RUN_VARIABLE, SPEC_VERSION, specAddress } from '../model';
import { addressOf, claimAddress } from './address';
import { confirmation } from './confirmation';
import { type Blocks, TerraformData } from './terraform-data';
import { ownerOf } from './owner';
import type { RegistryEntry } from './registry';
import { scriptProvisioner } from './script-provisioner';
import { bare, withHiddenMembers, type OtherEntries } from './script-input';
import { checkSpec } from './spec-text';
import { escapeTree } from './escaping';

/** The input for the spec of an object. */
export interface CommandResourceProps {
  readonly kind: Kind;
  readonly entry: RegistryEntry;
  /** Every mutable field, as a plan shows it; a change of any field runs `ensure` again. */
  readonly fields: () => object;
  /** Terraform expressions among the fields. */
  readonly expressions?: () => object;
  /** Registry entries beside its own: when one is replaced, `ensure` runs again. */
  readonly entries?: () => OtherEntries;
  /** What else `ensure` needs, and what may change without a run: connections, the VMs that use an image. */
  readonly context: () => object;
  /** Terraform expressions among these. */
  readonly contextExpressions?: () => object;
  /** Members of the spec, as expressions, that only the script gets: their values are in no state and no plan. */
  readonly secrets?: () => { readonly [name: string]: string };
  /** Addresses of what must exist first. */
  readonly after: () => readonly string[];
}

/**
 * The spec of one object: `terraform_data` with the object's fields in `triggers_replace`, next to the id of its
 * registry entry, and only a create provisioner, `<kind> ensure`. Replacing it removes nothing.
 */
export class CommandResource extends TerraformData {
  /** The address that others depend on. */
  public readonly confirmed: string;
  /** A Terraform expression: the spec, as the script gets it. */
  public readonly spec: string;
  private readonly local: string;

  constructor(
    private readonly owning: Construct,
    private readonly props: CommandResourceProps,
  ) {
    const name = addressOf(owning);
    super(owning, 'object', specAddress(name));
    this.local = `spec_${name}`;
    this.spec = `merge(${this.address}.triggers_replace, local.${this.local})`;
    this.confirmed = `${this.address}_confirmed`;
    claimAddress(owning, this.confirmed);
  }

  /** What accompanies it: its confirmation, and the local value with what changes without a run. */
  protected override beside(): Blocks {
    const { address, props } = this;
    const [, name = ''] = this.confirmed.split('.');
    return {
      resource: {
        terraform_data: {
          [name]: confirmation(this, {
            kind: props.kind,
            specAddress: address,
            spec: this.forScript(this.spec),
            entryIds: this.followedIds(),
          }),
        },
      },
      locals: { [this.local]: this.contextOf() },
    };
  }

  protected attributes(): { readonly [name: string]: unknown } {
    const fields = this.props.fields();
    checkSpec(this.owning, { ...fields, ...this.props.context() });
    const followed = this.followedIds();
    const dependencies = this.owning.node.dependencies.flatMap(addressesUnder);
    const after = [...new Set([this.props.entry.registry.address, ...this.props.after(), ...dependencies])];
    return {
      triggers_replace: {
        entryId: this.props.entry.entryId,
        ...this.props.expressions?.(),
        ...(escapeTree(fields) as object),
      },
      provisioner: [
        scriptProvisioner(
          this,
          this.props.kind,
          'ensure',
          this.forScript(`merge(self.triggers_replace, local.${this.local})`),
          { [RUN_VARIABLE]: '${self.id}' },
        ),
      ],
      // Terraform (1.11) triggers only in the apply that replaces an entry. If that is killed, the confirmation, which
      // remembers the ids, runs `ensure` in the next one.
      ...(followed.length > 0 ? { lifecycle: { replace_triggered_by: followed.map(bare) } } : {}),
      depends_on: after.filter((address) => address !== this.address && address !== this.confirmed),
    };
  }

  private contextOf(): object {
    const { context, contextExpressions } = this.props;
    return { v: SPEC_VERSION, owner: ownerOf(this), ...(escapeTree(context()) as object), ...contextExpressions?.() };
  }

  /** The ids of the other entries, in an order that does not depend on that of the code. */
  private followedIds(): readonly string[] {
    const entries = Object.entries(this.props.entries?.().byName ?? {});
    return entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { entryId }]) => entryId);
  }

  private forScript(spec: string): string {
    return withHiddenMembers(spec, { entries: this.props.entries?.(), secrets: this.props.secrets?.() });
  }
}

/** The addresses behind constructs; none for one that this stack does not manage. */
export function addressesOf(...constructs: readonly (IConstruct | undefined)[]): string[] {
  return constructs.flatMap((one) => (one as { readonly _address?: string } | undefined)?._address ?? []);
}

/** The Terraform resources under a construct: what `construct.node.addDependency(other)` waits for. */
function addressesUnder(construct: IConstruct): string[] {
  return construct.node.findAll().flatMap((one) => {
    if (one instanceof CommandResource) return [one.address, one.confirmed];
    if (TerraformResource.isTerraformResource(one)) return [`${one.terraformResourceType}.${one.friendlyUniqueId}`];
    if (TerraformDataSource.isTerraformDataSource(one))
      return [`data.${one.terraformResourceType}.${one.friendlyUniqueId}`];
    if (one instanceof TerraformModule) return [`module.${one.friendlyUniqueId}`];
    return [];
  });
}
