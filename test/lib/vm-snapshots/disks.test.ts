import { disksOf, refuseStrange } from '../../../lib/vm-snapshots/disks';
import { parseXml, type XmlElement } from '../../../lib/render/xml';
import type { Command, Tools } from '../../../lib/steps/tools';

const CLUSTER = { monitors: ['10.0.0.11'], transport: { type: 'local' } } as const;
const HOSTS = `<host name='10.0.0.11'/>`;

function disk(target: string, image: string, more = '', device = 'disk', hosts = HOSTS): string {
  const source = `<source protocol='rbd' name='${image}'>${hosts}</source>`;
  return `<disk type='network' device='${device}'>${source}<target dev='${target}' bus='virtio'/>${more}</disk>`;
}

function domain(...disks: readonly string[]): XmlElement {
  return parseXml(`<domain><devices>${disks.join('\n')}</devices></domain>`);
}

describe('The disks of a VM', () => {
  const spec = { name: 'web1', cluster: CLUSTER, disks: { vda: { image: 'vms/root', bus: 'virtio' } } } as const;

  test('are the RBD disks that it writes to, including one attached by hand', () => {
    const readOnly = disk('vdb', 'vms/golden', '<readonly/>');
    const file = `<disk type='file' device='disk'><source file='/srv/x.img'/><target dev='vdc' bus='virtio'/></disk>`;
    const all = domain(
      disk('vda', 'vms/root'),
      disk('vdz', 'other/by-hand'),
      readOnly,
      file,
      disk('sda', 'a/b', '', 'cdrom'),
    );
    expect(disksOf(spec, all).map(({ target, imageSpec: image }) => [target, image])).toEqual([
      ['vda', 'vms/root'],
      ['vdz', 'other/by-hand'],
    ]);
  });

  test('come from the stack when the host does not know the VM', () => {
    const disks = { ...spec.disks, sda: { image: 'vms/seed', bus: 'sata', cdrom: true } } as const;
    expect(disksOf({ ...spec, disks }, undefined)).toEqual([
      { target: 'vda', imageSpec: 'vms/root', image: { cluster: CLUSTER, pool: 'vms', name: 'root' } },
    ]);
  });

  test.each(['vms/ns/image', 'vms/image@monday', 'image'])(
    'fail when the image of one is not pool/image: %s',
    (image) => {
      expect(() => disksOf(spec, domain(disk('vdz', image)))).toThrow(
        `disk vdz of VM 'web1' has '${image}', but RBD namespaces and snapshots are not supported`,
      );
    },
  );
});

describe('A disk attached by hand', () => {
  const asked: string[] = [];
  /** The cluster has a second monitor that the stack does not name; the host has a name for it. */
  const tools = {
    ceph: () => ({
      monitors: () => {
        asked.push('mon dump');
        const at = ['10.0.0.11:3300', '10.0.0.11:6789', '10.0.0.12:3300', '10.0.0.12:6789', '[2001:db8::13]:3300'];
        return Promise.resolve(at);
      },
    }),
    attempt: ({ argv }: Command) => {
      const known = argv.join(' ') === 'getent ahosts mon2';
      return Promise.resolve({
        exitCode: known ? 0 : 2,
        stdout: known ? '10.0.0.12       STREAM mon2\n' : '',
        stderr: '',
      });
    },
  } as unknown as Tools;
  const look = (hosts: string, monitors: readonly string[] = CLUSTER.monitors): Promise<void> => {
    const host = { uri: 'qemu:///system', transport: { type: 'local' } } as const;
    const spec = { name: 'web1', host, cluster: CLUSTER, monitors };
    return refuseStrange(spec, domain(disk('vda', 'vms/root'), disk('vdz', 'vms/by-hand', '', 'disk', hosts)), tools);
  };

  beforeEach(() => void asked.splice(0));

  test.each([
    [`<host name='10.0.0.11'/>`, []],
    [`<host name='10.9.9.9' port='6789'/><host name='10.0.0.11' port='6789'/>`, ['mon dump']],
    [`<host name='10.0.0.12'/>`, ['mon dump']],
    [`<host name='10.0.0.12' port='3300'/>`, ['mon dump']],
    [`<host name='2001:DB8:0::13'/>`, ['mon dump']],
    [`<host name='mon2' port='6789'/>`, ['mon dump']],
  ])('belongs to the cluster when it has any of its monitors, in any spelling: %s', async (hosts, questions) => {
    await expect(look(hosts)).resolves.toBeUndefined();
    expect(asked).toEqual(questions);
  });

  test('belongs to the cluster when it has a name that the stack gives, too', async () => {
    await expect(look(`<host name='mon1'/>`, ['mon1', '10.0.0.11'])).resolves.toBeUndefined();
    expect(asked).toEqual([]);
  });

  test.each([
    [`<host name='10.9.9.9'/><host name='mon9' port='6789'/>`, '10.9.9.9, mon9 port 6789'],
    [`<host name='10.0.0.11' port='6790'/>`, '10.0.0.11 port 6790'],
    ['', 'not given'],
  ])('fails when none of its monitors belongs to the cluster: %s', async (hosts, named) => {
    await expect(look(hosts)).rejects.toThrow(
      `disk vdz of VM 'web1' may be 'vms/by-hand' in another cluster: its monitors are ${named}, those of the VM's cluster 10.0.0.11:3300, `,
    );
  });
});
