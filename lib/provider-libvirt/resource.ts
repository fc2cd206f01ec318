import { TerraformDataSource, TerraformResource, Token } from 'cdktf';
import type { TerraformMetaArguments, TerraformResourceConfig, TerraformResourceLifecycle } from 'cdktf';
import type { Construct } from 'constructs';
import { attributePath } from './reference';
import type { Reference } from './reference';
import { renderArguments } from './renderer';

/** What every resource and data source accepts in addition to its own arguments. */
export interface MetaArguments extends Omit<TerraformMetaArguments, 'lifecycle'> {
  readonly lifecycle?: Lifecycle;
}

export interface Lifecycle extends Omit<TerraformResourceLifecycle, 'replaceTriggeredBy'> {
  /**
   * Addresses, such as `terraform_data.web1_spec`: cdktf would render a resource given here as invalid configuration.
   */
  readonly replaceTriggeredBy?: string[];
}

const META_ARGUMENTS = [
  'dependsOn',
  'count',
  'provider',
  'lifecycle',
  'forEach',
  'provisioners',
  'connection',
] as const satisfies readonly (keyof MetaArguments)[];

type Rendered = { [name: string]: unknown };

/** A resource of the provider. `State` is everything that can be read from it. */
export abstract class LibvirtResource<State extends object> extends TerraformResource {
  private readonly config: object;

  protected constructor(scope: Construct, id: string, type: string, config: MetaArguments) {
    super(scope, id, metaArguments(type, config));
    this.config = ownArguments(config);
  }

  /**
   * A reference to any attribute, including nested ones: `volume.ref((a) => a.target.path)`. `Token.asNumber(...)`
   * makes it a number.
   */
  ref(select: (attributes: Reference<State>) => unknown): string {
    return Token.asString(this.interpolationForAttribute(attributePath(select)));
  }

  protected override synthesizeAttributes(): Rendered {
    return renderArguments(this.config) as Rendered;
  }

  protected override synthesizeHclAttributes(): Rendered {
    return this.synthesizeAttributes();
  }
}

/** A data source of the provider. `State` is everything that can be read from it. */
export abstract class LibvirtDataSource<State extends object> extends TerraformDataSource {
  private readonly config: object;

  protected constructor(scope: Construct, id: string, type: string, config: MetaArguments) {
    super(scope, id, metaArguments(type, config));
    this.config = ownArguments(config);
  }

  /** A reference to any attribute, including nested ones: `addresses.ref((a) => a.interfaces.at(0).hwaddr)`. */
  ref(select: (attributes: Reference<State>) => unknown): string {
    return Token.asString(this.interpolationForAttribute(attributePath(select)));
  }

  protected override synthesizeAttributes(): Rendered {
    return renderArguments(this.config) as Rendered;
  }

  protected override synthesizeHclAttributes(): Rendered {
    return this.synthesizeAttributes();
  }
}

function metaArguments(type: string, config: MetaArguments): TerraformResourceConfig {
  const meta = Object.fromEntries(META_ARGUMENTS.map((name) => [name, config[name]])) as MetaArguments;
  // With this name cdktf can report at synth that a stack has no LibvirtProvider.
  return { terraformResourceType: type, terraformGeneratorMetadata: { providerName: 'libvirt' }, ...meta };
}

/** Kept as given and rendered at synth, so that lists may still grow until then. */
function ownArguments(config: MetaArguments): object {
  const meta: readonly string[] = META_ARGUMENTS;
  return Object.fromEntries(Object.entries(config).filter(([name]) => !meta.includes(name)));
}
