import type { StateResource } from '../../../lib/cli/ask-terraform';
import { diskEntryIds } from '../../../lib/cli/disk-entries';

const entry = (name: string, index: string, id: string): StateResource => ({
  address: `terraform_data.${name}["${index}"]`,
  type: 'terraform_data',
  name,
  index,
  values: { id },
});
const state = [
  entry('kvm1_domains', 'web1', 'e1'),
  entry('kvm2_domains', 'web1', 'e2'),
  entry('kvm1_disk_attachments', 'web1/vdb', 'd1'),
  entry('kvm2_disk_attachments', 'web1/vdb', 'd2'),
  entry('kvm1_disk_attachments', 'web1/sdb', 'attached by an RbdDiskAttachment'),
  entry('kvm1_disk_attachments', 'web2/vdc', 'of another VM'),
];
const vm = { driver: 'virsh', name: 'web1', entryId: 'e1', disks: { vda: {}, vdb: {}, vdc: {} } };

describe("The ids of the registry entries of a VM's data disks", () => {
  test('are those of its own host, for the disks of its own spec', () => {
    expect(diskEntryIds(vm, state)).toEqual({ diskEntryIds: { vdb: 'd1' } });
    expect(diskEntryIds({ ...vm, entryId: 'e2' }, state)).toEqual({ diskEntryIds: { vdb: 'd2' } });
  });

  test('are missing where the state has no entry for them, or for the VM', () => {
    expect(diskEntryIds({ ...vm, disks: { vda: {} } }, state)).toEqual({});
    expect(diskEntryIds({ ...vm, entryId: 'e3' }, state)).toEqual({});
  });

  test('are not given to a VM of the provider, and to no other object', () => {
    expect(diskEntryIds({ ...vm, driver: 'provider' }, state)).toEqual({});
    expect(diskEntryIds({ entryId: 'e1', name: 'web1' }, state)).toEqual({});
  });
});
