import { TerraformProvider, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';
import type { LibvirtProviderArguments } from './generated';
import { renderArguments } from './renderer';

/** The address from which Terraform installs the provider. */
export const PROVIDER_SOURCE = 'dmacvicar/libvirt';

/**
 * Exactly the provider with which this package is tested: in 0.9 a patch release adds attributes and changes how a
 * domain is updated and removed, on which the constructs rely.
 */
export const PROVIDER_VERSION_CONSTRAINT = '0.9.7';

export interface LibvirtProviderConfig extends LibvirtProviderArguments {
  /** Names this provider where a stack has several. @default - the provider of all resources that name none */
  readonly alias?: string;
  /**
   * Lets another version in. One constraint holds for all libvirt providers of a stack.
   * @default PROVIDER_VERSION_CONSTRAINT
   */
  readonly versionConstraint?: string;
}

/**
 * One libvirt connection.
 * @example new LibvirtProvider(this, 'kvm1', { uri: 'qemu+ssh://root@kvm1/system', alias: 'kvm1' })
 */
export class LibvirtProvider extends TerraformProvider {
  static readonly tfResourceType = 'libvirt';

  readonly uri?: string;
  readonly versionConstraint: string;
  private readonly aliasName?: string;

  constructor(scope: Construct, id: string, config: LibvirtProviderConfig = {}) {
    const versionConstraint = config.versionConstraint ?? PROVIDER_VERSION_CONSTRAINT;
    super(scope, id, {
      terraformResourceType: LibvirtProvider.tfResourceType,
      terraformGeneratorMetadata: { providerName: 'libvirt', providerVersionConstraint: versionConstraint },
      terraformProviderSource: PROVIDER_SOURCE,
    });
    this.versionConstraint = versionConstraint;
    this.uri = config.uri;
    this.aliasName = config.alias;
    this.node.addValidation({ validate: () => this.otherConstraints() });
  }

  override get alias(): string | undefined {
    return this.aliasName;
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return renderArguments({ uri: this.uri }) as { [name: string]: unknown };
  }

  protected override synthesizeHclAttributes(): { [name: string]: unknown } {
    return this.synthesizeAttributes();
  }

  /** cdktf merges `required_providers`, and the last one would silently win. */
  private otherConstraints(): string[] {
    const providers = TerraformStack.of(this).node.findAll().filter(isLibvirtProvider);
    const constraints = new Set(providers.map((provider) => provider.versionConstraint));
    if (constraints.size === 1) return [];
    const list = [...constraints].join("', '");
    return [
      `'versionConstraint' must be the same for all libvirt providers of a stack, got '${list}'; give each the same`,
    ];
  }
}

function isLibvirtProvider(construct: unknown): construct is LibvirtProvider {
  return (
    TerraformProvider.isTerraformProvider(construct) &&
    construct.terraformResourceType === LibvirtProvider.tfResourceType &&
    'versionConstraint' in construct
  );
}
