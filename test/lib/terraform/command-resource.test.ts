import { TerraformVariable } from 'cdktf';
import { Construct } from 'constructs';
import { CommandResource, Registry, type RegistryEntry } from '../../../lib/terraform';
import { refusal, synth } from '../../helpers/synth';
import { Thing } from '../../helpers/thing';

const ensured = (fields: object, context?: object): ReturnType<typeof synth> =>
  synth((stack) => new Thing(stack, 'one', fields, context));

describe('A CommandResource', () => {
  it('has every field readable in triggers_replace, next to the id of its registry entry', () => {
    expect(
      ensured({ size: '20 GiB', flag: true, count: 2, list: ['a'] }).at('terraform_data.one_spec').triggers_replace,
    ).toEqual({
      entryId: '${terraform_data.one_things["vm/one"].id}',
      size: '20 GiB',
      flag: true,
      count: 2,
      list: ['a'],
    });
  });

  it('has exactly one create provisioner, which receives the fields and the context in its environment', () => {
    const { provisioner } = ensured({}).at('terraform_data.one_spec');
    expect(provisioner).toHaveLength(1);
    const { command, environment, when } = provisioner[0]['local-exec'];
    expect(when).toBeUndefined();
    expect(command).toMatch(/; exec node \$\{path\.module\}\/assets\/[^/ ]+\/[0-9A-F]+\/exec\.cjs disk ensure$/);
    expect(environment).toEqual({
      CDKTF_LIBVIRT_CEPH_SPEC: '${jsonencode(merge(self.triggers_replace, local.spec_one))}',
      CDKTF_LIBVIRT_CEPH_RUN: '${self.id}',
    });
  });

  it('is completed by a resource that follows it and receives the same spec', () => {
    const { provisioner, ...confirmed } = ensured({}).at('terraform_data.one_spec_confirmed');
    const id = '${terraform_data.one_spec.id}';
    expect(confirmed).toEqual({ triggers_replace: { object: id }, depends_on: ['terraform_data.one_spec'] });
    expect(provisioner).toHaveLength(1);
    const { command, environment, when } = provisioner[0]['local-exec'];
    expect(when).toBeUndefined();
    const note = '$${TF_DATA_DIR:-.terraform}/cdktf-libvirt-ceph-$CDKTF_LIBVIRT_CEPH_RUN.done';
    expect(command.startsWith(`rm "${note}" 2>/dev/null && exit; command -v node`)).toBe(true);
    expect(command).toMatch(/exec node \$\{path\.module\}\/assets\/[^ ]+\/exec\.cjs disk complete$/);
    expect(environment).toEqual({
      CDKTF_LIBVIRT_CEPH_SPEC: '${jsonencode(merge(terraform_data.one_spec.triggers_replace, local.spec_one))}',
      CDKTF_LIBVIRT_CEPH_RUN: id,
    });
  });

  it('runs again for another id of an entry beside its own, also in the apply after a killed one, and shows no id', () => {
    const { at } = synth((stack) => {
      const disks = new Registry(stack, 'disks', { logicalId: 'kvm1_disk_attachments', kind: 'disk', after: () => [] });
      const [vdc, vdb] = ['web1/vdc', 'web1/vdb'].map((key) => disks.add(key, () => ({}))) as [
        RegistryEntry,
        RegistryEntry,
      ];
      const domains = new Registry(stack, 'domains', { logicalId: 'kvm1_domains', kind: 'domain', after: () => [] });
      new CommandResource(new Construct(stack, 'web1'), {
        kind: 'domain',
        entry: domains.add('web1', () => ({})),
        entries: () => ({ member: 'diskEntryIds', byName: { vdc, vdb } }),
        fields: () => ({ memory: '2 GiB' }),
        context: () => ({}),
        after: () => [],
      });
    });
    const ids = ['vdb', 'vdc'].map((target) => `terraform_data.kvm1_disk_attachments["web1/${target}"].id`);
    const [vdb, vdc] = ids;
    const [spec, confirmed] = [at('terraform_data.web1_spec'), at('terraform_data.web1_spec_confirmed')];
    expect(Object.keys(spec.triggers_replace)).toEqual(['entryId', 'memory']);
    expect(spec.lifecycle).toEqual({ replace_triggered_by: ids });
    expect(confirmed.triggers_replace).toEqual({ object: `\${terraform_data.web1_spec.id} \${${vdb}} \${${vdc}}` });
    const specOf = ({ provisioner }: typeof spec): string =>
      provisioner[0]['local-exec'].environment.CDKTF_LIBVIRT_CEPH_SPEC;
    const merged = (from: string): string =>
      `\${jsonencode(merge(merge(${from}.triggers_replace, local.spec_web1), { diskEntryIds = { vdc = ${vdc}, vdb = ${vdb} } }))}`;
    expect(specOf(spec)).toBe(merged('self'));
    expect(specOf(confirmed)).toBe(merged('terraform_data.web1_spec'));
    expect(confirmed.provisioner[0]['local-exec'].environment.CDKTF_LIBVIRT_CEPH_RUN).toBe(
      '${terraform_data.web1_spec.id}',
    );
  });

  it('keeps what changes without a run in a local, with the version and the owner', () => {
    expect(ensured({}, { host: 'kvm1' }).context('terraform_data.one_spec')).toEqual({
      v: 1,
      owner: { project: 'tests', stack: 'stack', workspace: '${terraform.workspace}' },
      host: 'kvm1',
    });
  });

  it('leaves out undefined fields and escapes what Terraform would interpret, in keys too', () => {
    expect(ensured({ a: undefined, '${b}': '%{c} ${d} $${e} "\n' }).fields('terraform_data.one_spec')).toEqual({
      '$${b}': '%%{c} $${d} $$${e} "\n',
    });
  });

  it('resolves tokens inside texts and numbers', () => {
    const { fields } = synth((stack) => {
      const text = new TerraformVariable(stack, 'text', { type: 'string' });
      const number = new TerraformVariable(stack, 'number', { type: 'number' });
      new Thing(stack, 'one', { text: `a \${b} ${text.stringValue}`, number: number.numberValue });
    });
    expect(fields('terraform_data.one_spec')).toEqual({ text: 'a $${b} ${var.text}', number: '${var.number}' });
  });

  it('waits for what its construct depends on through node.addDependency: resources, constructs of ours, modules', () => {
    const { at } = synth((stack) => {
      const one = new Thing(stack, 'one', {});
      const two = new Thing(stack, 'two', {});
      two.node.addDependency(one);
    });
    expect(at('terraform_data.two_spec').depends_on).toEqual([
      'terraform_data.two_things',
      'terraform_data.one_things',
      'terraform_data.one_spec',
      'terraform_data.one_spec_confirmed',
    ]);
  });

  it('takes a spec of 96 KiB and fails for a larger one, counting fields and context as Terraform encodes them', () => {
    const text = (kib: number, letter = 'x'): string => letter.repeat(kib * 1024);
    expect(() => ensured({ a: text(48) }, { b: text(47) })).not.toThrow();
    expect(refusal((stack) => new Thing(stack, 'one', { a: text(48) }, { b: text(49) })).message).toBe(
      '[spec-size] stack/one: the spec must be at most 96 KiB, got 98 KiB; shorten its texts',
    );
    expect(refusal((stack) => new Thing(stack, 'one', { a: text(20, '<') })).code).toBe('spec-size');
  });

  it.each([
    ['decomposed', 'e\u0301'],
    ['with NUL', 'a\u0000b'],
    ['a lone surrogate', '\ud800'],
    ['a combining mark after a newline', 'a\n\u0301'],
    ['a combining mark after a tab', 'a\t\u030c'],
    ['a combining mark after >', 'a>\u0301'],
  ])('fails for text that Terraform would change: %s', (_, text) => {
    expect(refusal((stack) => new Thing(stack, 'one', { a: [{ b: text }] })).code).toBe('text-form');
    expect(refusal((stack) => new Thing(stack, 'one', { [text]: 1 })).code).toBe('text-form');
  });

  it('takes text that only looks like an escape', () => {
    expect(() => ensured({ a: '\\u0000 \\ud800' })).not.toThrow();
    expect(() => ensured({ a: '<é>\nü x\u0301' })).not.toThrow();
  });
});
