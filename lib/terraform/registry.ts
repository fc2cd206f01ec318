import type { Construct } from 'constructs';
import { ValidationError } from '../errors';
import { SPEC_VERSION, type Kind, entriesOf } from '../model';
import { type Blocks, TerraformData } from './terraform-data';
import { ownerOf } from './owner';
import { scriptProvisioner } from './script-provisioner';
import { escapeText, escapeTree, quoteForExpression } from './escaping';

/** What a registry needs. */
export interface RegistryProps {
  /** "ceph_pools" */
  readonly logicalId: string;
  readonly kind: Kind;
  /** What the script does when an entry is removed. @default 'remove' */
  readonly verb?: 'stop';
  /**
   * Addresses of what is created earlier, and therefore removed later: other registries, and resources that an entry
   * must be removed before.
   */
  readonly after: () => readonly string[];
  /** The member of its removal whose change replaces an entry. @default - an entry is only removed with its key */
  readonly follows?: string;
  /** An entry is replaced whenever the triggers change that `add` is given. @default false */
  readonly triggered?: boolean;
}

/**
 * The objects of one kind in one scope, by key. It holds what removal needs and only a destroy provisioner, so that
 * nothing of ours can taint it (the destroy provisioner of a tainted resource does not run, Terraform 1.11). It is
 * rendered even if empty: a block that disappeared with its last key would remove nothing.
 */
export class Registry extends TerraformData {
  private readonly entries = new Map<string, Removing>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RegistryProps,
  ) {
    super(scope, id, `terraform_data.${props.logicalId}`);
  }

  /**
   * Registers an object: when its key has left the code, `remove` gets what `removal` and `triggers` returned at the
   * last apply. What never changes alone belongs in the triggers: for a replaced entry, a plan shows the whole input
   * again, as `output`.
   */
  public add(key: string, removal: () => object, triggers?: () => Triggers): RegistryEntry {
    if (this.entries.has(key)) {
      const message = `'${key}' is already in ${this.address}; give one of the two another name`;
      throw ValidationError.of(this, 'claimed-twice', message);
    }
    this.entries.set(key, { removal, triggers });
    return { registry: this, entryId: `\${${this.address}[${quoteForExpression(key)}].id}` };
  }

  /**
   * Its entries, as a local value: Terraform (1.11) evaluates `for_each` again for each instance. With the entries in
   * it, the time grows with the square of their number: two thirds of a plan of 50 VMs.
   */
  protected override beside(): Blocks {
    const owner = ownerOf(this);
    const { logicalId, triggered } = this.props;
    const keys = [...this.entries.keys()].sort();
    const byKey = (of: (entry: Removing) => object): object =>
      Object.fromEntries(keys.map((key) => [escapeText(key), of(this.entries.get(key) as Removing)]));
    const entries = byKey(({ removal }) => ({ v: SPEC_VERSION, owner, ...(escapeTree(removal()) as object) }));
    const triggers = byKey(({ triggers }) => {
      const { fixed, expressions } = triggers?.() ?? {};
      return { ...(escapeTree(fixed ?? {}) as object), ...expressions };
    });
    return {
      ...super.beside(),
      locals: { [entriesOf(logicalId)]: entries, ...(triggered ? { [triggersOf(logicalId)]: triggers } : {}) },
    };
  }

  protected attributes(): { readonly [name: string]: unknown } {
    const { follows, logicalId, triggered } = this.props;
    const after = this.props.after();
    const given = ['self.input', ...(triggered ? ['self.triggers_replace'] : []), '{ entryId = self.id }'];
    return {
      for_each: `\${local.${entriesOf(logicalId)}}`,
      input: '${each.value}',
      ...(follows === undefined ? {} : { triggers_replace: `\${each.value.${follows}}` }),
      ...(triggered ? { triggers_replace: `\${local.${triggersOf(logicalId)}[each.key]}` } : {}),
      provisioner: [
        scriptProvisioner(this, this.props.kind, this.props.verb ?? 'remove', `merge(${given.join(', ')})`),
      ],
      ...(after.length > 0 ? { depends_on: after } : {}),
    };
  }
}

interface Removing {
  readonly removal: () => object;
  readonly triggers?: () => Triggers;
}

/** What replaces an entry when it changes: values, and Terraform expressions. */
export interface Triggers {
  readonly fixed: object;
  readonly expressions: { readonly [name: string]: string };
}

function triggersOf(registry: string): string {
  return `triggers_${registry}`;
}

/** A key of a registry; `entryId` is the expression of its id, which the object's mark contains. */
export interface RegistryEntry {
  readonly registry: Registry;
  readonly entryId: string;
}
