import { libvirtContract } from '../../contract/libvirt';
import { FakeCeph } from '../../helpers/fake-ceph';
import { FakeHost } from '../../helpers/fake-host';
import { FakeRun } from '../../helpers/fake-run';

describe('The libvirt host in memory behaves as the steps expect', () => {
  const { tools } = new FakeRun(new FakeCeph(), new FakeHost());
  const host = { uri: 'qemu:///system', transport: { type: 'local' } } as const;
  libvirtContract(() => ({ tools, host, name: (text) => `contract ${text}`.replace(' ', '-') }));
});
