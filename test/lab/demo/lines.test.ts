import { shownLine } from '../../../lab/demo/lines';

describe('The demo', () => {
  it.each([
    [
      "quickstart  terraform_data.storage-pool_spec (storage-pool_spec): terraform_data.storage-pool_spec (local-exec): pool 'libvirt-pool': it is not there: create",
      "pool 'libvirt-pool': it is not there: create",
    ],
    [
      'quickstart  libvirt_domain.kvm1-web1: Creation complete after 1s [id=4f]',
      'libvirt_domain.kvm1-web1: made after 1s',
    ],
    [
      '\u001b[32mquickstart  Apply complete! Resources: 27 added, 0 changed, 0 destroyed.\u001b[0m',
      'Apply complete! Resources: 27 added, 0 changed, 0 destroyed.',
    ],
  ])('shows what a step has done: %s', (line, shown) => {
    expect(shownLine(line)).toBe(shown);
  });

  it.each([
    ['[2026-11-28T10:00:00.000] [ERROR] default - There are some problems with the CLI configuration:'],
    ['quickstart  terraform_data.web1_spec: Creating...'],
    ["quickstart  terraform_data.web1_spec: Provisioning with 'local-exec'..."],
    ['quickstart  terraform_data.web1_spec (local-exec): Executing: ["/bin/sh" "-c" "node exec.cjs"]'],
    ['quickstart  terraform_data.web1_spec: Still creating... [10s elapsed]'],
    ['0 Stacks deploying     1 done     0 waiting'],
    [''],
  ])('leaves out what concerns only Terraform: %s', (line) => {
    expect(shownLine(line)).toBeUndefined();
  });
});
