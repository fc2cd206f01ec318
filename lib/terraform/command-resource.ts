import { Lazy, TerraformDataSource, TerraformLocal, TerraformResource } from 'cdktf';
import type { Construct, IConstruct } from 'constructs';
import { ValidationError } from '../errors';
import { SPEC_VERSION, type Kind } from '../model';
import { addressOf } from './address';
import { DataResource } from './data-resource';
import { ownerOf } from './owner';
import type { RegistryEntry } from './registry';
import { scriptProvisioner } from './script';
import { escapeTree } from './text';

/** The limit of one variable of the environment is 128 KiB; Terraform's own encoding needs some of it. */
const SPEC_LIMIT_KIB = 96;

/** What an object needs to know. */
export interface CommandResourceProps {
  readonly kind: Kind;
  readonly entry: RegistryEntry;
  /** Every mutable field, as a plan shows it; a change of any runs `ensure` again. */
  readonly fields: () => object;
  /** What `ensure` needs besides, and what changes without a run: connections, the users of an image. */
  readonly context: () => object;
  /** Addresses of what must be there first. */
  readonly after: () => readonly string[];
}

/**
 * One object: `terraform_data` with its fields in `triggers_replace`, next to the id of its registry entry, and only a
 * create provisioner, `<kind> ensure`. Replacing it removes nothing.
 */
export class CommandResource extends DataResource {
  private readonly local: string;

  constructor(
    private readonly owning: Construct,
    private readonly props: CommandResourceProps,
  ) {
    const logicalId = addressOf(owning);
    super(owning, 'object', logicalId);
    this.local = `spec_${logicalId}`;
    const local = new TerraformLocal(owning, 'spec', Lazy.anyValue({ produce: () => this.contextOf() }));
    local.overrideLogicalId(this.local);
  }

  protected attributes(): { readonly [name: string]: unknown } {
    const fields = this.checked(this.props.fields());
    const dependencies = this.owning.node.dependencies.flatMap(addressesUnder);
    const after = [...new Set([this.props.entry.registry.address, ...this.props.after(), ...dependencies])];
    return {
      triggers_replace: { registry: this.props.entry.token, ...(escapeTree(fields) as object) },
      provisioner: [
        scriptProvisioner(this, this.props.kind, 'ensure', `merge(self.triggers_replace, local.${this.local})`),
      ],
      depends_on: after.filter((address) => address !== this.address),
    };
  }

  private contextOf(): object {
    return { v: SPEC_VERSION, owner: ownerOf(this), ...(escapeTree(this.checked(this.props.context())) as object) };
  }

  /** What Terraform or the environment would change or refuse on the way is refused here. */
  private checked(tree: object): object {
    const json = JSON.stringify(tree);
    const kib = Math.ceil(Buffer.byteLength(json) / 1024);
    if (kib > SPEC_LIMIT_KIB) {
      const message = `the spec must be at most ${SPEC_LIMIT_KIB} KiB, got ${kib} KiB; shorten its texts`;
      throw ValidationError.of(this.owning, 'spec-size', message);
    }
    if (json !== json.normalize('NFC') || json.includes('\\u0000') || /\\ud[89a-f]/.test(json)) {
      const message = `texts must be in Unicode's composed form (NFC), without NUL and lone surrogates, got ${json}; change them`;
      throw ValidationError.of(this.owning, 'text-form', message);
    }
    return tree;
  }
}

/** The object addresses of constructs: none for one that this stack does not manage. */
export function addressesOf(...constructs: readonly (IConstruct | undefined)[]): string[] {
  return constructs.flatMap((one) => (one as { readonly _address?: string } | undefined)?._address ?? []);
}

/** The Terraform resources under a construct: what `construct.node.addDependency(other)` waits for. */
function addressesUnder(construct: IConstruct): string[] {
  return construct.node.findAll().flatMap((one) => {
    if (TerraformResource.isTerraformResource(one)) return [`${one.terraformResourceType}.${one.friendlyUniqueId}`];
    if (TerraformDataSource.isTerraformDataSource(one))
      return [`data.${one.terraformResourceType}.${one.friendlyUniqueId}`];
    return [];
  });
}
