import type { StoragePoolDefinition } from '../../../lib/model';
import {
  amendStoragePool,
  renderStoragePool,
  storagePoolDifferences,
  storagePoolTree,
} from '../../../lib/render/storage-pool';
import { parseXml, renderXml } from '../../../lib/render/xml';

const POOL: StoragePoolDefinition = {
  name: 'storage',
  uuid: '33333333-3333-5333-8333-333333333333',
  cephPool: 'libvirt-pool',
  monitors: ['10.0.0.11', 'mon2:6789', '[2001:db8::13]:3300'],
  clientId: 'libvirt',
  secretUsage: 'client.libvirt secret',
};

test('a pool has its monitors with and without port, IPv6 without brackets, the cephx ID and the usage of its secret', () => {
  expect(renderStoragePool(POOL)).toBe(`<pool type="rbd">
  <name>storage</name>
  <uuid>33333333-3333-5333-8333-333333333333</uuid>
  <source>
    <host name="10.0.0.11"/>
    <host name="mon2" port="6789"/>
    <host name="2001:db8::13" port="3300"/>
    <name>libvirt-pool</name>
    <auth type="ceph" username="libvirt">
      <secret usage="client.libvirt secret"/>
    </auth>
  </source>
</pool>
`);
});

test('fails for an invalid monitor', () => {
  expect(() => renderStoragePool({ ...POOL, monitors: ['::1'] })).toThrow(`'::1' is not a monitor`);
});

test('definitions that differ only in figures that libvirt adds are equal', () => {
  const present = parseXml(renderStoragePool(POOL).replace('<source>', '<capacity unit="bytes">1</capacity><source>'));
  expect(storagePoolDifferences(present, POOL)).toEqual([]);
});

test.each<[Partial<StoragePoolDefinition>, string]>([
  [{ cephPool: 'other' }, `its Ceph pool is 'libvirt-pool', not 'other'`],
  [{ monitors: ['mon2'] }, `its list of monitors is '10.0.0.11, mon2:6789, [2001:db8::13]:3300', not 'mon2'`],
  [{ clientId: 'other' }, `its client is 'libvirt', not 'other'`],
  [{ secretUsage: 'other' }, `its secret is 'client.libvirt secret', not 'other'`],
])('reports %j as a difference', (change, difference) => {
  expect(storagePoolDifferences(storagePoolTree(POOL), { ...POOL, ...change })).toEqual([difference]);
});

test('a pool of another type, or one that refers to its secret by UUID, differs', () => {
  const present = parseXml(
    `<pool type='dir'><source><auth type='ceph' username='libvirt'><secret uuid='1-2'/></auth></source></pool>`,
  );
  const differences = storagePoolDifferences(present, POOL);
  expect(differences).toContain(`its type is 'dir', not 'rbd'`);
  expect(differences).toContain(`its secret is 'uuid 1-2', not 'client.libvirt secret'`);
});

test('amending replaces what we render and keeps everything else', () => {
  const options = '<rbd:config_opts xmlns:rbd="http://libvirt.org/schemas/storagepool/rbd/1.0"/>';
  const present = parseXml(renderStoragePool(POOL).replace('</source>', '<format type="x"/></source>' + options));
  const amended = amendStoragePool(present, { ...POOL, monitors: ['mon9'] });
  expect(storagePoolDifferences(amended, { ...POOL, monitors: ['mon9'] })).toEqual([]);
  expect(renderXml(amended)).toContain('<format type="x"/>');
  expect(renderXml(amended)).toContain('rbd:config_opts');
});
