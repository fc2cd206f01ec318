import type { Construct } from 'constructs';
import { ValidationError } from '../errors';
import { SPEC_VERSION, type Kind } from '../model';
import { DataResource } from './data-resource';
import { ownerOf } from './owner';
import { scriptProvisioner } from './script';
import { escapeText, escapeTree } from './text';

/** What a registry needs to know. */
export interface RegistryProps {
  /** "ceph_pools" */
  readonly logicalId: string;
  readonly kind: Kind;
  /** The addresses of the registries whose objects are made before, so removed after. */
  readonly after: () => readonly string[];
}

/**
 * The objects of one kind in one scope, by key. It holds what removal needs and only a destroy provisioner, so nothing
 * of ours can taint it (a tainted resource's destroy provisioner does not run, Terraform 1.11). It is rendered even
 * when empty: a block that vanished with its last key would remove nothing.
 */
export class Registry extends DataResource {
  private readonly entries = new Map<string, () => object>();

  constructor(
    scope: Construct,
    id: string,
    private readonly props: RegistryProps,
  ) {
    super(scope, id, props.logicalId);
  }

  /** Registers an object: when its key has left the code, `remove` is given what `removal` returned at the last apply. */
  public add(key: string, removal: () => object): RegistryEntry {
    if (this.entries.has(key)) {
      const message = `'${key}' is already in ${this.address}; give one of the two another name`;
      throw ValidationError.of(this, 'claimed-twice', message);
    }
    this.entries.set(key, removal);
    return { registry: this, token: `\${${this.address}[${JSON.stringify(escapeText(key))}].id}` };
  }

  protected attributes(): { readonly [name: string]: unknown } {
    const owner = ownerOf(this);
    const entry = (removal: () => object): object => ({ v: SPEC_VERSION, owner, ...(escapeTree(removal()) as object) });
    const keys = [...this.entries.keys()].sort();
    const after = this.props.after();
    return {
      for_each: Object.fromEntries(keys.map((key) => [escapeText(key), entry(this.entries.get(key) as () => object)])),
      input: '${each.value}',
      provisioner: [scriptProvisioner(this, this.props.kind, 'remove', 'merge(self.input, { token = self.id })')],
      ...(after.length > 0 ? { depends_on: after } : {}),
    };
  }
}

/** A key of a registry; `token` is the expression of its id, which marks the object as that entry's. */
export interface RegistryEntry {
  readonly registry: Registry;
  readonly token: string;
}
