import { TerraformLocal, TerraformResource, type TerraformStack } from 'cdktf';
import { CephCluster, CephPool } from '../../../constructs';
import { appOf, refusal, stackOf, synth } from '../../helpers/synth';

class Plain extends TerraformResource {
  public input: unknown;

  constructor(
    stack: TerraformStack,
    id: string,
    config: { createBeforeDestroy?: boolean; dependsOn?: TerraformResource[]; input?: unknown },
  ) {
    super(stack, id, {
      terraformResourceType: 'null_resource',
      lifecycle: { createBeforeDestroy: config.createBeforeDestroy },
      dependsOn: config.dependsOn,
    });
    this.input = config.input;
  }

  protected override synthesizeAttributes(): { [name: string]: unknown } {
    return { triggers: this.input };
  }
}

function pool(stack: TerraformStack): TerraformResource {
  const cluster = new CephCluster(stack, 'ceph', { monitors: ['10.0.0.1'] });
  return new CephPool(stack, 'vms', { cluster }).node.findChild('object') as TerraformResource;
}

describe('create_before_destroy', () => {
  it('is accepted on resources that do not reach ours, and on resources with no dependency at all', () => {
    expect(() =>
      synth((stack) => {
        pool(stack);
        new Plain(stack, 'apart', { createBeforeDestroy: true, input: 'about terraform_data' });
        new Plain(stack, 'after', { dependsOn: [] });
      }),
    ).not.toThrow();
  });

  it('is accepted as false', () => {
    expect(() =>
      synth((stack) => new Plain(stack, 'x', { createBeforeDestroy: false, dependsOn: [pool(stack)] })),
    ).not.toThrow();
  });

  it('fails on what depends on ours', () => {
    const { code, message } = refusal(
      (stack) => new Plain(stack, 'x', { createBeforeDestroy: true, dependsOn: [pool(stack)] }),
    );
    expect(code).toBe('create-before-destroy');
    expect(message).toContain("must not be on 'null_resource.x', which needs 'terraform_data.vms_spec'");
  });

  it('fails on what refers to ours, also through a local and another resource', () => {
    const { message } = refusal((stack) => {
      const local = new TerraformLocal(stack, 'l', { a: [pool(stack).getStringAttribute('id')] });
      const between = new Plain(stack, 'between', { input: local.expression });
      new Plain(stack, 'far', { createBeforeDestroy: true, input: between.getStringAttribute('id') });
    });
    expect(message).toContain("'null_resource.far', which needs 'terraform_data.vms_spec'");
  });

  it('fails on our own resources, set by an override of the resource or of the stack', () => {
    const own = refusal((stack) => pool(stack).addOverride('lifecycle.create_before_destroy', true));
    expect(own.message).toContain("'terraform_data.vms_spec', which is one of ours");
    const stacks = refusal((stack) => {
      pool(stack);
      stack.addOverride('resource.terraform_data.ceph_pools.lifecycle.create_before_destroy', true);
    });
    expect(stacks.message).toContain("'terraform_data.ceph_pools', which is one of ours");
  });

  it('fails with every such resource in one error', () => {
    const { violations } = refusal((stack) => {
      const object = pool(stack);
      new Plain(stack, 'x', { createBeforeDestroy: true, dependsOn: [object] });
      new Plain(stack, 'y', { createBeforeDestroy: true, dependsOn: [object] });
    });
    expect(violations).toHaveLength(2);
  });

  it('fails in app.synth() too', () => {
    const app = appOf();
    const stack = stackOf('stack', app);
    new Plain(stack, 'x', { createBeforeDestroy: true, dependsOn: [pool(stack)] });
    expect(() => app.synth()).toThrow("'create_before_destroy' must not be on 'null_resource.x'");
  });
});
