import { Registry } from '../../../lib/terraform';
import { refusal, synth } from '../../helpers/synth';
import { Thing } from '../../helpers/thing';

describe('A registry', () => {
  it('holds its entries sorted by key with version and owner, and one destroy provisioner that receives them', () => {
    const { at, entries } = synth((stack) => {
      const registry = new Registry(stack, 'r', {
        logicalId: 'things',
        kind: 'disk',
        after: () => ['terraform_data.x'],
      });
      new Thing(stack, 'b', {}, {}, registry);
      new Thing(stack, 'a', {}, {}, registry);
    });
    const { for_each, input, provisioner, depends_on } = at('terraform_data.things');
    const shared = { v: 1, owner: { project: 'tests', stack: 'stack', workspace: '${terraform.workspace}' } };
    expect(for_each).toBe('${local.entries_things}');
    expect(Object.entries(entries('terraform_data.things'))).toEqual([
      ['vm/a', { ...shared, name: 'a' }],
      ['vm/b', { ...shared, name: 'b' }],
    ]);
    expect(input).toBe('${each.value}');
    expect(depends_on).toEqual(['terraform_data.x']);
    expect(provisioner).toHaveLength(1);
    expect(provisioner[0]['local-exec']).toMatchObject({
      when: 'destroy',
      command: expect.stringMatching(/exec\.cjs disk remove$/),
      environment: { CDKTF_LIBVIRT_CEPH_SPEC: '${jsonencode(merge(self.input, { entryId = self.id }))}' },
    });
  });

  it('is rendered even when it is empty', () => {
    const { at, entries } = synth(
      (stack) => new Registry(stack, 'r', { logicalId: 'things', kind: 'disk', after: () => [] }),
    );
    expect(at('terraform_data.things').for_each).toBe('${local.entries_things}');
    expect(entries('terraform_data.things')).toEqual({});
  });

  it('fails for a key that it already has', () => {
    const message = refusal((stack) => {
      const registry = new Registry(stack, 'r', { logicalId: 'things', kind: 'disk', after: () => [] });
      registry.add('a', () => ({}));
      registry.add('a', () => ({}));
    }).message;
    expect(message).toContain("'a' is already in terraform_data.things");
  });
});
