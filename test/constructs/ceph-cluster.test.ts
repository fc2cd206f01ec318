import { TerraformStack, TerraformVariable } from 'cdktf';
import type { IConstruct } from 'constructs';
import {
  CephClient,
  CephCluster,
  CephPool,
  CephRbdStoragePool,
  RbdImage,
  Size,
  Transport,
  type CephClusterProps,
} from '../../constructs';
import { clusterOf, DRIVERS, Scene } from '../helpers/scene';
import { codes, codesOf, refusal, stackOf, synth } from '../helpers/synth';

const withProps = (props: Partial<CephClusterProps>) => (stack: TerraformStack) => void clusterOf(stack, props);

/** What the commands are told of the cluster. */
function told(props: Partial<CephClusterProps>): unknown {
  const { context } = synth((stack) => new CephPool(stack, 'p', { cluster: clusterOf(stack, props) }));
  return context('terraform_data.p_spec').cluster;
}

const pathOf = (construct: IConstruct): string => construct.node.path;

describe('CephCluster', () => {
  it('is reached from the machine that runs Terraform by default, with the configuration that Ceph finds there', () => {
    expect(told({})).toEqual({ monitors: ['10.0.0.11', '10.0.0.12:6789'], transport: { type: 'local' } });
  });

  it('hands every prop to the commands', () => {
    const options = { port: 22, identityFile: '/k', jumpHost: 'jump', sudo: true };
    const props = { confFile: '/c', adminId: 'ops', keyringFile: '/r' };
    expect(
      told({ ...props, monitors: ['[2001:db8::13]:3300'], transport: Transport.ssh('root@mon1', options) }),
    ).toEqual({
      ...props,
      monitors: ['[2001:db8::13]:3300'],
      transport: { type: 'ssh', destination: 'root@mon1', ...options },
    });
    expect(told({ transport: Transport.command(['cephadm', 'shell', '--']) })).toMatchObject({
      transport: { type: 'command', prefix: ['cephadm', 'shell', '--'] },
    });
  });

  it('renders empty registries too, each after the registry whose objects are created before its own', () => {
    const { addresses, at, entries } = synth(withProps({}));
    const registries = ['ceph_pools', 'ceph_clients', 'ceph_images', 'ceph_snapshots'].map(
      (one) => `terraform_data.${one}`,
    );
    expect(addresses).toEqual([...registries].sort());
    expect(registries.map((one) => entries(one))).toEqual([{}, {}, {}, {}]);
    expect(registries.map((one) => at(one).depends_on)).toEqual([
      undefined,
      ...registries.slice(0, 3).map((one) => [one]),
    ]);
  });

  it('copies the monitors, so that a later change of the array has no effect', () => {
    const monitors = ['a'];
    const cluster = new CephCluster(stackOf(), 'ceph', { monitors });
    monitors.push('b');
    expect(cluster.monitors).toEqual(['a']);
  });

  it('fails without monitors', () => {
    const { code, message } = refusal(withProps({ monitors: [] }));
    expect(code).toBe('monitors-empty');
    expect(message).toContain("'monitors' must name at least one monitor");
  });

  it.each(['mon1:', 'mon1:0', 'mon1:65536', '2001:db8::1', "a'b", '$(id)', 'a\nb', 'a b'])(
    'fails for the malformed monitor %j',
    (monitor) => {
      const { code, message } = refusal(withProps({ monitors: ['good', monitor] }));
      expect(code).toBe('monitors-form');
      expect(message).toContain(`got ${JSON.stringify(monitor)}; 'ceph mon dump' lists them`);
    },
  );

  it('takes monitors as Ceph prints them, and gives VMs one address of each', () => {
    const monitors = ['[v2:127.0.0.1:43300/0,v1:127.0.0.1:46789/0]', 'mon1.example.org.', '10.0.0.1:6789/0, v2:m:3300'];
    const cluster = new CephCluster(stackOf(), 'ceph', { monitors });
    expect(cluster.monitors).toEqual(['127.0.0.1:43300', 'mon1.example.org', '10.0.0.1:6789', 'm:3300']);
  });

  it.each(DRIVERS)('equals another one that lists the same monitors in a different order (%s)', (driver) => {
    const two = (stack: TerraformStack): void => {
      const scene = new Scene(stack, driver);
      const cluster = clusterOf(stack, { monitors: ['10.0.0.12:6789', '10.0.0.11'] }, 'other');
      const pool = CephPool.fromPoolName(stack, 'pool', { cluster, poolName: 'vms' });
      const { host, client, secret } = scene;
      new CephRbdStoragePool(stack, 'long', { host, pool, client, secret });
      const short = new CephRbdStoragePool(stack, 'short', { host, cluster, poolName: 'vms' });
      expect([short.client, short.pool, short.secret].map(pathOf)).toEqual([client, scene.pool, secret].map(pathOf));
      scene.vm('web1', { rootDisk: { image: new RbdImage(stack, 'i', { pool, size: Size.gibibytes(1) }) } });
    };
    expect(codesOf(two)).toEqual([]);
  });

  it('fails when two constructs for it make the same client', () => {
    const error = refusal((stack) => {
      const second = clusterOf(stack, { monitors: ['10.0.0.12:6789', '10.0.0.11'] }, 'other');
      for (const cluster of [clusterOf(stack), second]) {
        new CephClient(stack, `of-${cluster.node.id}`, { cluster, clientId: 'libvirt' });
      }
    });
    expect(error.code).toBe('claimed-twice');
  });

  it('takes ports from 1 to 65535', () => {
    expect(codesOf(withProps({ monitors: ['a:1', 'b:65535'] }))).toEqual([]);
  });

  it('takes variables as monitors, for single monitors and for the whole list', () => {
    const { context } = synth((stack) => {
      const one = new TerraformVariable(stack, 'one', { type: 'string' });
      const all = new TerraformVariable(stack, 'all', { type: 'list(string)' });
      new CephPool(stack, 'p', { cluster: clusterOf(stack, { monitors: [one.stringValue] }) });
      new CephPool(stack, 'q', { cluster: clusterOf(stack, { monitors: all.listValue }, 'second') });
    });
    expect(context('terraform_data.p_spec').cluster.monitors).toEqual(['${var.one}']);
    expect(context('terraform_data.q_spec').cluster.monitors).toBe('${var.all}');
  });

  it.each([
    ['transport-destination-form', Transport.ssh('-oProxyCommand=x')],
    ['transport-destination-form', Transport.ssh('root@mon1 id')],
    ['transport-destination-form', Transport.ssh('')],
    ['transport-port-range', Transport.ssh('mon1', { port: 0 })],
    ['transport-port-range', Transport.ssh('mon1', { port: 65536 })],
    ['transport-jump-host-form', Transport.ssh('mon1', { jumpHost: '-oProxyCommand=x' })],
    ['transport-identity-file-text', Transport.ssh('mon1', { identityFile: 'a\0b' })],
    ['transport-prefix-empty', Transport.command([])],
    ['transport-text', Transport.command(['a\0b'])],
  ])('fails with %s for a transport that the commands reject', (code, transport) => {
    expect(codes(withProps({ transport }))).toEqual([code]);
  });

  it('takes a transport with the lowest and the highest port, and one made of variables', () => {
    for (const port of [1, 65535]) {
      expect(
        codesOf(withProps({ transport: Transport.ssh('root@[2001:db8::1]', { port, jumpHost: 'a@b:22,c' }) })),
      ).toEqual([]);
    }
    const late = (stack: TerraformStack): void => {
      const text = new TerraformVariable(stack, 'text', { type: 'string' }).stringValue;
      const port = new TerraformVariable(stack, 'port', { type: 'number' }).numberValue;
      const options = { port, jumpHost: text, identityFile: text };
      clusterOf(stack, { transport: Transport.ssh(`root@${text}`, options) });
      clusterOf(stack, { transport: Transport.command([text]) }, 'second');
    };
    expect(codesOf(late)).toEqual([]);
  });

  it("fails for the entity 'client.admin' as adminId, and suggests the ID", () => {
    expect(refusal(withProps({ adminId: 'client.admin' })).message).toContain(
      "got the entity 'client.admin'; leave out 'client.'",
    );
  });

  it('fails with every fault at once', () => {
    expect(codes(withProps({ monitors: [], adminId: 'a b' }))).toEqual(['monitors-empty', 'admin-id-form']);
  });

  it('fails when another stack uses it', () => {
    const error = refusal((stack) => {
      const other = new TerraformStack(stack.node.root, 'other');
      new CephPool(other, 'p', { cluster: clusterOf(stack) });
    });
    expect(error.code).toBe('cluster-stack');
  });
});
