import { TerraformVariable, type TerraformStack } from 'cdktf';
import { CephClient, CephPool, RemovalPolicy, type CephClientProps } from '../../constructs';
import { clusterOf } from '../helpers/scene';
import { codes, codesOf, refusal, synth } from '../helpers/synth';

const withProps = (props: Partial<CephClientProps>) => (stack: TerraformStack) =>
  void new CephClient(stack, 'libvirt', { cluster: clusterOf(stack), ...props });

describe('CephClient', () => {
  it('takes its name from its id, may only query the monitors, and is deleted with its construct by default', () => {
    const { fields, entries } = synth(withProps({}));
    expect(fields('terraform_data.libvirt_spec')).toEqual({ id: 'libvirt', caps: { mon: 'profile rbd' } });
    expect(entries('terraform_data.ceph_clients').libvirt).toMatchObject({ id: 'libvirt', removalPolicy: 'delete' });
  });

  it('is retained by default when it is adopted', () => {
    const { entries } = synth(withProps({ adopt: true }));
    expect(entries('terraform_data.ceph_clients').libvirt.removalPolicy).toBe('retain');
  });

  it("shows a removed 'adopt' as a change of the registry entry's policy, and keeps a policy that is given", () => {
    const entry = (props: Partial<CephClientProps>) =>
      synth(withProps(props)).entries('terraform_data.ceph_clients').libvirt;
    expect(entry({})).toEqual({ ...entry({ adopt: true }), removalPolicy: 'delete' });
    const removalPolicy = RemovalPolicy.RETAIN;
    expect(entry({ removalPolicy })).toEqual(entry({ adopt: true, removalPolicy }));
  });

  it('hands every prop to the script', () => {
    const { fields, entries } = synth(
      withProps({ clientId: 'vm', keyGeneration: 3, adopt: true, removalPolicy: RemovalPolicy.DELETE }),
    );
    expect(fields('terraform_data.libvirt_spec')).toMatchObject({ id: 'vm', keyGeneration: 3, adopt: true });
    expect(entries('terraform_data.ceph_clients').vm.removalPolicy).toBe('delete');
  });

  it('distinguishes the ID from the entity', () => {
    synth((stack) => {
      const client = new CephClient(stack, 'vm', { cluster: clusterOf(stack) });
      expect([client.clientId, client.entity]).toEqual(['vm', 'client.vm']);
    });
  });

  it("fails for the entity 'client.libvirt' as clientId, and suggests 'libvirt'", () => {
    const { code, message } = refusal(withProps({ clientId: 'client.libvirt' }));
    expect(code).toBe('client-id-entity');
    expect(message).toContain("'clientId' must be the cephx ID, got the entity 'client.libvirt'; use 'libvirt'");
    expect(
      codes((stack) => CephClient.fromClientId(stack, 'x', { cluster: clusterOf(stack), clientId: 'client.libvirt' })),
    ).toEqual(['client-id-entity']);
  });

  it.each(["a'b", '$(id)', 'a\nb', '', 'a b', '*'])('fails for the clientId %j', (clientId) => {
    expect(codes(withProps({ clientId }))).toEqual(['client-id-form']);
  });

  it("fails for 'admin', which belongs to the cluster", () => {
    expect(codes(withProps({ clientId: 'admin' }))).toEqual(['client-admin']);
  });

  it('takes key generations from 1 to 1000000 and fails outside that range', () => {
    expect(codesOf(withProps({ keyGeneration: 1 }))).toEqual([]);
    expect(codesOf(withProps({ keyGeneration: 1_000_000 }))).toEqual([]);
    expect(codes(withProps({ keyGeneration: 0 }))).toEqual(['key-generation-range']);
    expect(codes(withProps({ keyGeneration: 1_000_001 }))).toEqual(['key-generation-range']);
  });

  it('takes variables', () => {
    const { fields } = synth((stack) => {
      const id = new TerraformVariable(stack, 'id', { type: 'string' });
      const count = new TerraformVariable(stack, 'count', { type: 'number' });
      withProps({ clientId: id.stringValue, keyGeneration: count.numberValue })(stack);
    });
    expect(fields('terraform_data.libvirt_spec')).toMatchObject({ id: '${var.id}', keyGeneration: '${var.count}' });
  });

  it('fails with both faults when there are two', () => {
    expect(codes(withProps({ keyGeneration: 0, removalPolicy: RemovalPolicy.TRASH }))).toEqual([
      'key-generation-range',
      'client-removal-policy',
    ]);
  });

  it('fails when two constructs claim one client', () => {
    const { message } = refusal((stack) => {
      const cluster = clusterOf(stack);
      new CephClient(stack, 'a', { cluster, clientId: 'libvirt' });
      new CephClient(stack, 'b', { cluster, clientId: 'libvirt' });
    });
    expect(message).toContain("the client 'client.libvirt' of 10.0.0.11,10.0.0.12:6789 already belongs to 'stack/a'");
  });
});

describe('A grant', () => {
  it('gives the least capabilities, sorted by pool, and waits for its pools', () => {
    const { fields, at } = synth((stack) => {
      const cluster = clusterOf(stack);
      const client = new CephClient(stack, 'libvirt', { cluster });
      new CephPool(stack, 'vms', { cluster }).grantReadWrite(client);
      new CephPool(stack, 'images', { cluster }).grantReadOnly(client);
    });
    const pools = 'profile rbd-read-only pool=images, profile rbd pool=vms';
    expect(fields('terraform_data.libvirt_spec').caps).toEqual({ mon: 'profile rbd', osd: pools, mgr: pools });
    expect(at('terraform_data.libvirt_spec').depends_on).toEqual([
      'terraform_data.ceph_clients',
      'terraform_data.vms_spec_confirmed',
      'terraform_data.images_spec_confirmed',
    ]);
  });

  it.each([[['grantReadWrite', 'grantReadOnly'] as const], [['grantReadOnly', 'grantReadWrite'] as const]])(
    'gives the wider access when a pool is granted both, in any order: %j',
    (grants) => {
      const { fields } = synth((stack) => {
        const cluster = clusterOf(stack);
        const client = new CephClient(stack, 'libvirt', { cluster });
        const pool = new CephPool(stack, 'vms', { cluster });
        grants.forEach((grant) => pool[grant](client));
      });
      expect(fields('terraform_data.libvirt_spec').caps.osd).toBe('profile rbd pool=vms');
    },
  );

  it.each(['grantReadWrite', 'grantReadOnly'] as const)(
    'fails when %s is called for a client from fromClientId',
    (grant) => {
      const { code, message } = refusal((stack) => {
        const cluster = clusterOf(stack);
        const client = CephClient.fromClientId(stack, 'theirs', { cluster, clientId: 'libvirt' });
        new CephPool(stack, 'vms', { cluster })[grant](client);
      });
      expect(code).toBe('grant-imported-client');
      expect(message).toContain("got 'stack/theirs' from CephClient.fromClientId; grant it where it is managed");
    },
  );

  it('fails for a client of another cluster', () => {
    expect(
      codes((stack) => {
        const client = new CephClient(stack, 'c', { cluster: clusterOf(stack, { monitors: ['x'] }, 'other') });
        new CephPool(stack, 'vms', { cluster: clusterOf(stack) }).grantReadOnly(client);
      }),
    ).toEqual(['grant-cluster']);
  });
});
