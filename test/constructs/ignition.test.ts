import { TerraformVariable } from 'cdktf';
import { seedFiles, vmWith } from '../helpers/seed-stacks';
import { codes, synth } from '../helpers/synth';

describe('ignition', () => {
  const config = {
    ignition: { version: '3.4.0' },
    storage: { files: [{ path: '/a', contents: { source: 'data:,a' } }] },
  };

  it('is passed on unchanged, with an object as JSON', () => {
    const text = ` ${JSON.stringify(config)}`;
    expect(seedFiles(vmWith({ ignition: text }))['user-data']).toBe(text);
    expect(JSON.parse(seedFiles(vmWith({ ignition: config }))['user-data'] ?? '')).toEqual(config);
  });

  it('takes a value known at apply inside its JSON, and passes it unchanged when it is the whole config', () => {
    const part = vmWith((stack) => ({
      ignition: `{"ignition":{"version":"3.4.0"},"a":"${new TerraformVariable(stack, 'a', {}).stringValue}"}`,
    }));
    expect(JSON.parse(seedFiles(part, ['"\n'])['user-data'] ?? '')).toMatchObject({ a: '"\n' });
    const whole = vmWith((stack) => ({ ignition: new TerraformVariable(stack, 'a', {}).stringValue }));
    expect(seedFiles(whole, [JSON.stringify(config)])['user-data']).toBe(JSON.stringify(config));
  });

  it.each([
    ["Butane's YAML", 'variant: fcos\nversion: 1.5.0\n'],
    ['a config without a version', { ignition: {} }],
    ['text that is no object', 'null'],
  ])('fails for %s', (_, ignition) => {
    expect(codes(vmWith({ ignition }))).toEqual(['ignition-form']);
  });

  it('fails together with cloudInit', () => {
    expect(codes(vmWith({ ignition: config, cloudInit: {} }))).toEqual(['cloud-init-or-ignition']);
  });

  it('takes a file on the host, for which no image is created', () => {
    const { fields, text } = synth(vmWith({ ignitionFile: '/etc/libvirt/core1.ign' }));
    expect(fields('terraform_data.web1_spec').ignitionFile).toBe('/etc/libvirt/core1.ign');
    expect(text).not.toContain('web1-seed');
  });

  it('fails for a file together with a config, and for a path that libvirt or QEMU would misread', () => {
    const file = '/etc/libvirt/core1.ign';
    expect(codes(vmWith({ ignition: config, ignitionFile: file }))).toEqual(['ignition-twice']);
    for (const ignitionFile of ['core1.ign', '//x', '/a,b', '/a\0b', ''])
      expect(codes(vmWith({ ignitionFile }))).toEqual(['ignition-file']);
  });
});
