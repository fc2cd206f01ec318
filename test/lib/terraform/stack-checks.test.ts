import type { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { appOf, refusal, stackOf, synth } from '../../helpers/synth';
import { Thing } from '../../helpers/thing';

describe('The address of a construct', () => {
  const addressed = (...path: string[]): readonly string[] =>
    synth((stack) => {
      const scope = path.slice(0, -1).reduce<Construct>((parent, id) => new Construct(parent, id), stack);
      new Thing(scope, path.at(-1) ?? '', {});
    }).addresses;

  it('is its path joined by dashes, without the stack', () => {
    expect(addressed('site', 'rack', 'one')).toContain('terraform_data.site-rack-one_spec');
  });

  it("has '-' for characters that Terraform forbids, and starts with a letter or '_'", () => {
    expect(addressed('1.x y')).toContain('terraform_data._1-x-y_spec');
  });

  it('fails when two constructs share it', () => {
    const { code, message } = refusal((stack) => {
      new Thing(stack, 'web.1', {});
      new Thing(stack, 'web-1', {});
    });
    expect(code).toBe('claimed-twice');
    expect(message).toContain("terraform_data.web-1_spec already belongs to 'stack/web.1'");
  });
});

describe('The owner', () => {
  it("consists of the context 'libvirtCephOwner', the stack and the workspace", () => {
    const stack = stackOf('prod', appOf({ libvirtCephOwner: 'shop/vms' }));
    new Thing(stack, 'one', {});
    expect(synth(stack).context('terraform_data.one_spec').owner).toEqual({
      project: 'shop/vms',
      stack: 'prod',
      workspace: '${terraform.workspace}',
    });
  });

  it.each([[''], ['a b'], ['${x}'], [7]])('fails for the context %j', (libvirtCephOwner) => {
    const stack = stackOf('prod', appOf({ libvirtCephOwner }));
    new Thing(stack, 'one', {});
    expect(() => synth(stack)).toThrow(/the owner must be 1 to 128 letters, digits or any of '_\.:@\/-', got /);
  });

  it('fails with neither the context nor a projectId in a cdktf.json above', () => {
    const stack = stackOf('prod', appOf({}));
    new Thing(stack, 'one', {});
    const cwd = jest.spyOn(process, 'cwd').mockReturnValue('/');
    expect(() => synth(stack)).toThrow(
      "set the context 'libvirtCephOwner', or run in or below a folder that has a cdktf.json with a 'projectId'",
    );
    cwd.mockRestore();
  });
});

describe('A stack', () => {
  it('fails with two copies of this library', () => {
    const { code, message } = refusal((stack) => {
      Object.defineProperty(stack, Symbol.for('cdktf-libvirt-ceph.checked-by'), { value: 'elsewhere/lib/terraform' });
      new Thing(stack, 'one', {});
    });
    expect(code).toBe('two-copies');
    expect(message).toContain(
      "and 'elsewhere/lib/terraform'; import them from 'cdktf-libvirt-ceph' with cdktf, from 'cdktf-libvirt-ceph/cdktn' with cdktn",
    );
  });

  it('fails when it comes from another copy of cdktf and constructs', () => {
    let foreign: typeof TerraformStack | undefined;
    jest.isolateModules(() => {
      foreign = jest.requireActual<{ TerraformStack: typeof TerraformStack }>('cdktf').TerraformStack;
    });
    const stack = new (foreign as typeof TerraformStack)(appOf(), 'stack');
    expect(() => new Thing(stack, 'one', {})).toThrow(/got a stack from another copy of cdktf and constructs/);
  });
});
