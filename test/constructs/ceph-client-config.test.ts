import { TerraformVariable, type TerraformStack } from 'cdktf';
import { CephClientConfig, type CephClientConfigProps } from '../../constructs';
import { Scene } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const withProps = (props: Partial<CephClientConfigProps>) => (stack: TerraformStack) => {
  const { host, client } = new Scene(stack);
  new CephClientConfig(stack, 'config', { host, client, ...props });
};

describe('CephClientConfig', () => {
  it("writes the client's section of Ceph's own file by default", () => {
    const { fields, entries, at } = synth(withProps({ logFile: '/var/log/ceph/q.log' }));
    const place = { entity: 'client.libvirt', confFile: '/etc/ceph/ceph.conf' };
    expect(fields('terraform_data.config_spec')).toEqual({ ...place, logFile: '/var/log/ceph/q.log' });
    expect(entries('terraform_data.kvm1_client_configs').libvirt).toMatchObject(place);
    expect(at('terraform_data.config_spec').depends_on).toEqual([
      'terraform_data.kvm1_client_configs',
      'terraform_data.libvirt_spec_confirmed',
    ]);
  });

  it('hands every prop to the script', () => {
    const props = { logFile: '/l', adminSocket: '/run/ceph/$cluster-$type.$id.$pid.asok', confFile: '/c' };
    expect(synth(withProps(props)).fields('terraform_data.config_spec')).toEqual({
      entity: 'client.libvirt',
      ...props,
    });
  });

  it('makes the file part of the entry, so that naming another file removes the section from the first', () => {
    const registry = synth(withProps({ logFile: '/l' })).at('terraform_data.kvm1_client_configs');
    expect(registry.triggers_replace).toBe('${each.value.confFile}');
  });

  it.each(['relative', '', '/a b', '/a;b', '/a#b', '/a\nb'])('fails for the path %j', (path) => {
    expect(codes(withProps({ logFile: path }))).toEqual(['client-config-logfile']);
    expect(codes(withProps({ adminSocket: path, confFile: path }))).toEqual([
      'client-config-adminsocket',
      'client-config-conffile',
    ]);
  });

  it('fails when there is nothing to configure', () => {
    expect(codes(withProps({}))).toEqual(['client-config-empty']);
  });

  it('takes a variable', () => {
    expect(
      codesOf((stack) => {
        withProps({ logFile: new TerraformVariable(stack, 'log', { type: 'string' }).stringValue })(stack);
      }),
    ).toEqual([]);
  });

  it('fails for a second section for the same client on the same host', () => {
    const { code, message } = refusal((stack) => {
      const { host, client } = new Scene(stack);
      new CephClientConfig(stack, 'a', { host, client, logFile: '/l' });
      new CephClientConfig(stack, 'b', { host, client, logFile: '/l', confFile: '/other' });
    });
    expect(code).toBe('claimed-twice');
    expect(message).toContain(
      "the configuration of 'client.libvirt' on qemu+ssh://root@kvm1/system already belongs to 'stack/a'",
    );
  });
});
