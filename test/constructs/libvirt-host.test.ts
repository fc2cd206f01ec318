import { TerraformStack, TerraformVariable } from 'cdktf';
import { LibvirtCephSecret, LibvirtDriver, LibvirtHost, Transport, type LibvirtHostProps } from '../../constructs';
import { PROVIDER_VERSION_CONSTRAINT } from '../../lib/provider-libvirt';
import { clusterOf, hostOf, Scene } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const withProps = (props: Partial<LibvirtHostProps>) => (stack: TerraformStack) =>
  void new LibvirtHost(stack, 'kvm1', { uri: 'qemu:///system', ...props });

/** What the commands are told of the host. */
function told(props: Partial<LibvirtHostProps>): unknown {
  const { context } = synth((stack) => {
    const { client } = new Scene(stack);
    const host = new LibvirtHost(stack, 'other', { uri: 'qemu:///system', ...props });
    new LibvirtCephSecret(stack, 's', { host, client, usage: 'other' });
  });
  return context('terraform_data.s_spec').host;
}

describe('LibvirtHost', () => {
  it('uses the Terraform provider by default, with its own alias and the URI in the form that the provider takes', () => {
    const { json } = synth(withProps({ uri: 'qemu+unix:///system?socket=/run/s' }));
    expect(json.provider.libvirt).toEqual([{ alias: 'kvm1', uri: 'qemu:///system?socket=/run/s' }]);
    expect(json.terraform.required_providers.libvirt.source).toBe('dmacvicar/libvirt');
  });

  it('allows exactly the tested version of the provider, or the version asked for', () => {
    const version = (props: Partial<LibvirtHostProps>) =>
      synth(withProps(props)).json.terraform.required_providers.libvirt.version as string;
    expect(version({})).toBe(PROVIDER_VERSION_CONSTRAINT);
    expect(version({ providerVersion: '~> 0.9.7' })).toBe('~> 0.9.7');
    expect(version({ providerVersion: '>= 0.9.7, < 1.0.0' })).toBe('>= 0.9.7, < 1.0.0');
  });

  it.each(['', 'latest', '0.9.x', '~>', '0.9.7"'])("fails for the providerVersion '%s'", (providerVersion) => {
    expect(codes(withProps({ providerVersion }))).toEqual(['provider-version-form']);
  });

  it('fails for two provider versions in one stack', () => {
    const two = (stack: TerraformStack): void => {
      hostOf(stack, LibvirtDriver.PROVIDER);
      new LibvirtHost(stack, 'kvm2', { uri: 'qemu:///session', providerVersion: '~> 0.9.7' });
    };
    expect(() => synth(two)).toThrow("got '0.9.7', '~> 0.9.7'");
  });

  it('needs no provider with VIRSH', () => {
    const { json, text } = synth(withProps({ driver: LibvirtDriver.VIRSH }));
    expect(json.provider).toBeUndefined();
    expect(text).not.toContain('dmacvicar');
  });

  it('renders empty registries too, each after the registry whose objects are created before its own', () => {
    const { at, entries } = synth((stack) => {
      clusterOf(stack);
      hostOf(stack);
      clusterOf(stack, { monitors: ['x'] }, 'later');
    });
    const registries = ['secrets', 'client_configs', 'storage_pools', 'disk_attachments', 'domains'].map(
      (one) => `terraform_data.kvm1_${one}`,
    );
    expect(registries.map((one) => entries(one))).toEqual([{}, {}, {}, {}, {}]);
    expect(registries.map((one) => at(one).depends_on)).toEqual([
      ['terraform_data.ceph_snapshots', 'terraform_data.later_snapshots'],
      ...registries.slice(0, -1).map((one) => [one]),
    ]);
  });

  it.each([
    ['qemu:///system?socket=/run/s', { uri: 'qemu+unix:///system?socket=/run/s', transport: { type: 'local' } }],
    [
      'qemu+ssh://root@kvm1/system',
      { uri: 'qemu+ssh://root@kvm1/system', transport: { type: 'ssh', destination: 'root@kvm1' } },
    ],
    [
      'qemu+libssh2://kvm1/system?keyfile=/k&known_hosts=/h',
      {
        uri: 'qemu+libssh2://kvm1/system?keyfile=/k&known_hosts=/h',
        transport: { type: 'ssh', destination: 'kvm1', identityFile: '/k' },
      },
    ],
  ])('passes %s to the commands as %j', (uri, host) => {
    expect(told({ uri, driver: LibvirtDriver.VIRSH })).toEqual(host);
  });

  it('takes a separate transport for the commands', () => {
    expect(told({ transport: Transport.command(['sudo']) })).toMatchObject({
      transport: { type: 'command', prefix: ['sudo'] },
    });
  });

  it.each(['', 'system', 'qemu', "qemu:///'", 'qemu:///system; id', 'qemu:///$(id)', 'qemu:///a\nb'])(
    'fails for the uri %j',
    (uri) => {
      const { code, message } = refusal(withProps({ uri }));
      expect(code).toBe('uri-form');
      expect(message).toContain(`got ${JSON.stringify(uri)}; use, for example, 'qemu+ssh://root@HOST/system'`);
    },
  );

  it('fails for a transport that ssh would reject, whether it is given or comes from the URI', () => {
    expect(codes(withProps({ transport: Transport.ssh('-oProxyCommand=x y', { port: 0 }) }))).toEqual([
      'transport-destination-form',
      'transport-port-range',
    ]);
    const { code, message } = refusal(withProps({ uri: 'qemu+ssh://-x/system' }));
    expect(code).toBe('transport-destination-form');
    expect(message).toContain(`'uri' must be an ssh destination`);
    expect(codes(withProps({ uri: 'qemu+ssh://kvm1:65536/system' }))).toEqual(['uri-port-range']);
  });

  it('takes a variable together with a transport, and fails without one', () => {
    const variable = (props: Partial<LibvirtHostProps>) => (stack: TerraformStack) => {
      withProps({ uri: new TerraformVariable(stack, 'uri', { type: 'string' }).stringValue, ...props })(stack);
    };
    expect(codesOf(variable({ transport: Transport.local() }))).toEqual([]);
    expect(codes(variable({}))).toEqual(['uri-transport']);
  });

  it('fails when another stack uses it', () => {
    expect(
      codes((stack) => {
        const other = new TerraformStack(stack.node.root, 'other');
        const { client } = new Scene(other);
        new LibvirtCephSecret(other, 's', { host: hostOf(stack), client });
      }),
    ).toEqual(['host-stack']);
  });
});
