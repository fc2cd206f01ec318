import { App, TerraformStack, Testing } from 'cdktf';
import { LibvirtProvider, PROVIDER_SOURCE, PROVIDER_VERSION_CONSTRAINT } from '../../../lib/provider-libvirt';
import type { LibvirtProviderConfig } from '../../../lib/provider-libvirt';

function synth(...configs: LibvirtProviderConfig[]): { [key: string]: any } {
  const stack = new TerraformStack(new App({ skipValidation: true }), 'stack');
  configs.forEach((config, index) => new LibvirtProvider(stack, `host${index}`, config));
  return JSON.parse(Testing.synth(stack, true)) as { [key: string]: any };
}

describe('LibvirtProvider', () => {
  it('asks for the tested version by default', () => {
    const json = synth({ uri: 'qemu:///system' });
    expect(json.terraform.required_providers).toEqual({
      libvirt: { source: PROVIDER_SOURCE, version: PROVIDER_VERSION_CONSTRAINT },
    });
    expect(json.provider).toEqual({ libvirt: [{ uri: 'qemu:///system' }] });
  });

  it('renders one block per alias', () => {
    const json = synth(
      { uri: 'qemu+ssh://kvm1/system', alias: 'kvm1' },
      { uri: 'qemu+ssh://kvm2/system', alias: 'kvm2' },
    );
    expect(json.provider.libvirt).toEqual([
      { uri: 'qemu+ssh://kvm1/system', alias: 'kvm1' },
      { uri: 'qemu+ssh://kvm2/system', alias: 'kvm2' },
    ]);
  });

  it('allows another version', () => {
    const json = synth(
      { versionConstraint: '>= 0.9.7, < 1.0.0' },
      { alias: 'kvm2', versionConstraint: '>= 0.9.7, < 1.0.0' },
    );
    expect(json.terraform.required_providers.libvirt.version).toBe('>= 0.9.7, < 1.0.0');
  });

  it('fails when two providers of a stack ask for different versions', () => {
    expect(() => synth({}, { alias: 'kvm2', versionConstraint: '~> 0.9' })).toThrow(
      "'versionConstraint' must be the same for all libvirt providers of a stack, got '0.9.7', '~> 0.9'; give each the same",
    );
  });
});
