import type { Ceph, ImageName } from '../../../lib/ceph';
import type { StateResource } from '../../../lib/cli/ask-terraform';
import { forgetHost, hostIn } from '../../../lib/cli/forget-host';
import type { Session } from '../../../lib/cli/command-session';
import type { Tools } from '../../../lib/steps/tools';

const host = (name: string) => ({ uri: `qemu+ssh://root@${name}/system`, transport: { type: 'local' } });

function resource(address: string, input?: object): StateResource {
  const [, type = '', name = ''] = /^(\w+)\.([^[]+)/.exec(address) ?? [];
  return { address, type, name, values: { input } };
}

const STATE = [
  resource('terraform_data.kvm_domains["web1"]', { host: host('kvm'), name: 'web1' }),
  resource('terraform_data.kvm_disk_attachments["web1/vdb"]', { host: host('kvm'), domain: 'web1' }),
  resource('terraform_data.kvm_secrets["client.libvirt secret"]', {
    host: host('kvm'),
    usage: 'client.libvirt secret',
  }),
  resource('terraform_data.kvm-b_domains["web2"]', { host: host('kvm-b'), name: 'web2' }),
  resource('terraform_data.ceph_images["vms/web1-root"]', { cluster: {}, name: 'web1-root' }),
  resource('terraform_data.web1_spec'),
  resource('libvirt_domain.kvm-web1'),
  resource('libvirt_domain.kvm-b-web2'),
];

test("a host's state is its entries and the provider's resources, without those of a host whose name starts the same", () => {
  expect(hostIn(STATE, 'kvm')).toEqual({
    host: host('kvm'),
    addresses: [
      'terraform_data.kvm_domains["web1"]',
      'terraform_data.kvm_disk_attachments["web1/vdb"]',
      'terraform_data.kvm_secrets["client.libvirt secret"]',
      'libvirt_domain.kvm-web1',
    ],
    vms: ['web1'],
  });
});

test('fails for a host that is not in the state, and names those that are', () => {
  expect(() => hostIn(STATE, 'kvm9')).toThrow("the state has no host 'kvm9'; its hosts are: kvm, kvm-b");
});

interface World {
  readonly answers?: boolean;
  readonly watched?: string;
  readonly vms?: readonly string[];
}

/** A stack with that state; its host may answer, and one of its images may be open. */
function sessionOf({ answers = false, watched, vms = ['web1'] }: World): Session {
  const ceph = {
    watchers: ({ pool, name }: ImageName) =>
      Promise.resolve(`${pool}/${name}` === watched ? [{ address: '10.0.0.9:0/1', client: 7 }] : []),
    image: () => Promise.resolve(undefined),
  };
  const tools: Partial<Tools> = {
    attempt: ({ argv }) => {
      if (argv.includes('show')) {
        const stdout = JSON.stringify({ values: { root_module: { resources: STATE } } });
        return Promise.resolve({ exitCode: 0, stdout, stderr: '' });
      }
      return Promise.resolve({ exitCode: answers ? 0 : 1, stdout: '', stderr: '' });
    },
    ceph: () => ceph as unknown as Ceph,
    say: () => undefined,
    sleep: (seconds) => Promise.resolve(void jest.setSystemTime(Date.now() + seconds * 1000)),
  };
  const cluster = { monitors: ['m'], transport: { type: 'local' } };
  const disks = {
    vda: { image: 'vms/web1-root' },
    vdb: { image: 'vms/web1-vdb' },
    vdc: { image: 'vms/iso', cdrom: true },
  };
  const applied = vms.map((name) => ({ kind: 'domain', spec: { name, cluster, disks } }));
  return {
    stack: { folder: '/stack', synthesized: {}, variables: [] },
    tools: tools as Tools,
    objects: () => Promise.resolve({ applied, missing: [] }),
  } as unknown as Session;
}

describe('forget-host', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('prints the command that drops a silent host from the state when nobody has an image of its VMs open', async () => {
    const { lines } = await forgetHost(sessionOf({ watched: 'vms/iso' }), 'kvm');
    expect(lines.at(-1)).toBe(
      `terraform -chdir=/stack state rm 'terraform_data.kvm_domains["web1"]' 'terraform_data.kvm_disk_attachments["web1/vdb"]' ` +
        `'terraform_data.kvm_secrets["client.libvirt secret"]' 'libvirt_domain.kvm-web1'`,
    );
  });

  test('fails while the host answers', async () => {
    await expect(forgetHost(sessionOf({ answers: true }), 'kvm')).rejects.toThrow(
      "host 'kvm' answers at qemu+ssh://root@kvm/system; remove its objects from the code",
    );
  });

  test.each(['vms/web1-root', 'vms/web1-vdb'])(
    'fails while somebody has %s open, because the VM may still run',
    async (watched) => {
      await expect(forgetHost(sessionOf({ watched }), 'kvm')).rejects.toThrow(
        `image '${watched}' cannot be left behind: it is in use by client.7 at 10.0.0.9:0/1`,
      );
    },
  );

  test('fails when the images of one of its VMs are unknown and cannot be checked', async () => {
    await expect(forgetHost(sessionOf({ vms: [] }), 'kvm')).rejects.toThrow(
      "the images of VM 'web1' are unknown, because the code no longer has it",
    );
  });
});
