import { lostResources } from '../../../lib/cli/lost-resources';

const OWNER = { project: 'shop', stack: 'prod', workspace: 'default' };
const object = (kind: string, verb = 'ensure') => ({
  provisioner: [{ 'local-exec': { command: `node \${path.module}/assets/ab/exec.cjs ${kind} ${verb}` } }],
});
const entry = (host: string) => ({ owner: OWNER, host: { uri: `qemu+unix:///system?socket=/${host}` } });
const synthesized = {
  locals: {
    entries_kvm1_domains: { web1: entry('kvm1') },
    entries_kvm2_domains: { web1: entry('kvm2') },
    entries_kvm2_domain_stops: { web1: entry('kvm2') },
  },
  provider: {
    libvirt: ['kvm1', 'kvm2'].map((alias) => ({ alias, uri: `qemu:///system?socket=/${alias}` })),
  },
  resource: {
    terraform_data: {
      web1_spec: object('domain'),
      web1_spec_confirmed: { ...object('domain', 'complete'), depends_on: ['terraform_data.web1_spec'] },
      kvm1_domains: { ...object('domain', 'remove') },
      kvm2_domains: { ...object('domain', 'remove') },
      kvm2_domain_stops: { ...object('domain', 'stop') },
    },
    libvirt_domain: {
      'kvm2-web1': {
        name: 'web1',
        provider: 'libvirt.kvm2',
        depends_on: ['terraform_data.x', 'terraform_data.web1_spec_confirmed'],
      },
    },
  },
};

test('what the state lacks is looked up on its own host, through its object and its registry entry', () => {
  expect(lostResources({ synthesized }, new Set())).toEqual([
    {
      address: 'libvirt_domain.kvm2-web1',
      kind: 'domain',
      name: 'web1',
      host: { uri: 'qemu+unix:///system?socket=/kvm2', transport: { type: 'local' } },
      before: ['terraform_data.web1_spec', 'terraform_data.web1_spec_confirmed'],
      entry: entry('kvm2'),
    },
  ]);
});

test('what the state holds does not count as lost', () => {
  expect(lostResources({ synthesized }, new Set(['libvirt_domain.kvm2-web1']))).toEqual([]);
});
