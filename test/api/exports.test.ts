import * as library from 'cdktf-libvirt-ceph';

const CLASSES = [
  'CephClient',
  'CephClientConfig',
  'CephCluster',
  'CephPool',
  'CephRbdStoragePool',
  'Duration',
  'HostDevice',
  'ImageSource',
  'LibvirtCephSecret',
  'LibvirtHost',
  'NetworkSource',
  'RbdBackedVm',
  'RbdDiskAttachment',
  'RbdImage',
  'RbdSnapshot',
  'Size',
  'Transport',
  'ValidationError',
];
const ENUMS = [
  'DiskBus',
  'DiskCache',
  'DomainType',
  'Firmware',
  'LibvirtDriver',
  'PgAutoscaleMode',
  'RemovalPolicy',
  'RestartPolicy',
  'WatchdogAction',
];

// The types are checked by `npm run typecheck` (contract.check.ts); this is what is there when the library is loaded.
describe('The public names', () => {
  it('are the classes and enums of the contract and no others', () => {
    expect(Object.keys(library).sort()).toEqual([...CLASSES, ...ENUMS].sort());
  });

  it.each(CLASSES)('%s is a class', (name) => {
    expect(typeof library[name as keyof typeof library]).toBe('function');
  });

  it.each(ENUMS)('%s has values that read as its members', (name) => {
    const members = Object.entries(library[name as keyof typeof library]) as [string, string][];
    expect(members.map(([, value]) => value)).toEqual(
      members.map(([member]) => member.toLowerCase().replaceAll('_', '-')),
    );
  });
});
