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
describe('The package', () => {
  it('exports the classes and enums of the contract and nothing else', () => {
    expect(Object.keys(library).sort()).toEqual([...CLASSES, ...ENUMS].sort());
  });

  it.each(CLASSES)('exports %s as a class', (name) => {
    expect(typeof library[name as keyof typeof library]).toBe('function');
  });

  it.each(ENUMS)('gives each member of %s a value that reads like its name', (name) => {
    const members = Object.entries(library[name as keyof typeof library]) as [string, string][];
    expect(members.map(([, value]) => value)).toEqual(
      members.map(([member]) => member.toLowerCase().replaceAll('_', '-')),
    );
  });
});
