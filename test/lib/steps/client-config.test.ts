import fc from 'fast-check';
import type { ClientConfigSpec } from '../../../lib/model';
import { blockOf, hasOwnSection, joinFile, splitFile } from '../../../lib/steps/client-config/section';

const ENTITY = 'client.libvirt';
const SPEC: ClientConfigSpec = {
  v: 1,
  owner: { project: 'p', stack: 's', workspace: 'default' },
  entryId: 'entry',
  host: { uri: 'qemu:///system', transport: { type: 'local' } },
  entity: ENTITY,
  confFile: '/etc/ceph/ceph.conf',
  logFile: '/var/log/ceph/qemu.log',
};
const BLOCK = blockOf(SPEC);

test('the block has its mark, the section and only what was asked for', () => {
  expect(BLOCK.split('\n').slice(1)).toEqual([
    '[client.libvirt]',
    'log file = /var/log/ceph/qemu.log',
    '# END cdktf-libvirt-ceph client.libvirt',
    '',
  ]);
});

test('the rest of any file comes back byte for byte', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii' }), fc.string({ unit: 'binary-ascii' }), (head, after) => {
      const before = head === '' || head.endsWith('\n') ? head : `${head}\n`;
      const found = splitFile(joinFile({ before, block: undefined, after }, BLOCK), ENTITY);
      expect(found).toMatchObject({ before, after, block: { text: BLOCK, mark: { entryId: 'entry', id: ENTITY } } });
      expect(joinFile(found, '')).toBe(`${before}${after}`);
    }),
    { numRuns: 1000 },
  );
});

test('a file without a final newline gets none, also after the blocks of two clients', () => {
  const other = blockOf({ ...SPEC, entity: 'client.other' });
  const add = (file: string, block: string, entity: string) => joinFile(splitFile(file, entity), block);
  fc.assert(
    fc.property(fc.string({ unit: 'binary-ascii', minLength: 1 }), (file) => {
      const both = add(add(file, BLOCK, ENTITY), other, 'client.other');
      expect(add(both, BLOCK, ENTITY)).toBe(both);
      expect(add(add(both, '', ENTITY), '', 'client.other')).toBe(file);
      expect(add(add(both, '', 'client.other'), '', ENTITY)).toBe(file);
    }),
    { numRuns: 1000 },
  );
  const written = `${add('[a]\nx = 1', BLOCK, ENTITY)}[b]\n`;
  expect(written).toBe(`[a]\nx = 1\n# The line above had no end.\n${BLOCK}[b]\n`);
  expect(add(written, '', ENTITY)).toBe('[a]\nx = 1\n[b]\n');
});

test('blocks of other clients, and a block without its end, are not ours', () => {
  const other = blockOf({ ...SPEC, entity: 'client.other' });
  expect(splitFile(`${other}${BLOCK}`, ENTITY).before).toBe(other);
  expect(splitFile(BLOCK.split('\n').slice(0, 3).join('\n'), ENTITY).block).toBeUndefined();
});

test.each([
  ['[client.libvirt]\n', true],
  ['x\n  [ client.libvirt ] ; mine\n', true],
  ['# [client.libvirt]\n[client.libvirt2]\n[client]\n', false],
])('finds the section outside of the block in %j: %s', (content, there) => {
  expect(hasOwnSection(splitFile(content + BLOCK, ENTITY), ENTITY)).toBe(there);
});
