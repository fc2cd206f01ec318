import { TerraformVariable, type TerraformStack } from 'cdktf';
import { CephClient, LibvirtCephSecret, type LibvirtCephSecretProps } from '../../constructs';
import { stableUuid } from '../../lib/model';
import { clusterOf, hostOf } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const withProps =
  (props: Partial<LibvirtCephSecretProps>, keyGeneration?: number) =>
  (stack: TerraformStack): void => {
    const client = new CephClient(stack, 'libvirt', { cluster: clusterOf(stack), keyGeneration });
    new LibvirtCephSecret(stack, 'secret', { host: hostOf(stack), client, ...props });
  };

describe('LibvirtCephSecret', () => {
  it("is private, has the usage '<entity> secret' and waits for its client by default", () => {
    const { fields, entries, at } = synth(withProps({}));
    const usage = 'client.libvirt secret';
    const uuid = stableUuid('ceph-secret', usage);
    expect(fields('terraform_data.secret_spec')).toEqual({ usage, uuid, entity: 'client.libvirt', private: true });
    expect(entries('terraform_data.kvm1_secrets')[usage]).toMatchObject({ usage, uuid });
    expect(at('terraform_data.secret_spec').depends_on).toEqual([
      'terraform_data.kvm1_secrets',
      'terraform_data.libvirt_spec_confirmed',
    ]);
  });

  it('passes every prop and the key generation to the script', () => {
    const { fields } = synth(withProps({ usage: 'vm key', private: false, adopt: true }, 2));
    expect(fields('terraform_data.secret_spec')).toMatchObject({
      usage: 'vm key',
      private: false,
      adopt: true,
      keyGeneration: 2,
    });
  });

  it('stays on the host when it was adopted and leaves the code', () => {
    const policy = (props: Partial<LibvirtCephSecretProps>): unknown =>
      synth(withProps({ usage: 'vm key', ...props })).entries('terraform_data.kvm1_secrets')['vm key'].removalPolicy;
    expect([policy({}), policy({ adopt: true })]).toEqual([undefined, 'retain']);
  });

  it('has the same UUID on every host', () => {
    synth((stack) => {
      const client = new CephClient(stack, 'libvirt', { cluster: clusterOf(stack) });
      const secrets = ['kvm1', 'kvm2'].map(
        (id) => new LibvirtCephSecret(stack, `secret-${id}`, { client, host: hostOf(stack, undefined, id) }),
      );
      expect(new Set(secrets.map(({ uuid }) => uuid)).size).toBe(1);
    });
  });

  it('contains no key: nothing in the JSON is one or asks for one', () => {
    expect(synth(withProps({})).text).not.toMatch(/get-key|base64|secret-set-value|"key"|"value"/);
  });

  it.each(["a'b", '$(id)', 'a\nb', ' a', 'a', ''])('fails for the usage %j', (usage) => {
    expect(codes(withProps({ usage }))).toEqual(['usage-form']);
  });

  it('takes a variable as its usage', () => {
    expect(
      codesOf((stack) => {
        withProps({ usage: new TerraformVariable(stack, 'usage', { type: 'string' }).stringValue })(stack);
      }),
    ).toEqual([]);
  });

  it('fails when two constructs claim the same secret, and takes the same usage on two hosts', () => {
    const two = (second: string) => (stack: TerraformStack) => {
      const client = new CephClient(stack, 'libvirt', { cluster: clusterOf(stack) });
      new LibvirtCephSecret(stack, 'a', { client, host: hostOf(stack) });
      new LibvirtCephSecret(stack, 'b', { client, host: hostOf(stack, undefined, second) });
    };
    expect(codesOf(two('kvm2'))).toEqual([]);
    const { message } = refusal((stack) => {
      const client = new CephClient(stack, 'libvirt', { cluster: clusterOf(stack) });
      const host = hostOf(stack);
      new LibvirtCephSecret(stack, 'a', { client, host });
      new LibvirtCephSecret(stack, 'b', { client, host });
    });
    expect(message).toContain(
      "the secret 'client.libvirt secret' on qemu+ssh://root@kvm1/system already belongs to 'stack/a'",
    );
  });

  it('creates nothing when it is referenced by usage, and fails for an invalid usage', () => {
    const imported = (usage: string) => (stack: TerraformStack) => {
      const client = CephClient.fromClientId(stack, 'c', { cluster: clusterOf(stack), clientId: 'libvirt' });
      LibvirtCephSecret.fromUsage(stack, 'secret', { host: hostOf(stack), client, usage });
    };
    expect(synth(imported('theirs')).addresses).not.toContain('terraform_data.secret_spec');
    expect(codes(imported('\n'))).toEqual(['usage-form']);
  });
});
