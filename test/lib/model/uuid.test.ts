import { stableMacAddress, stableUuid } from '../../../lib/model';

describe('stableUuid', () => {
  // Objects are recognized by it: with another value, every deployed VM would become a foreign one.
  it('is a version 5 UUID of kind and name, the same in every release', () => {
    expect(stableUuid('domain', 'web1')).toBe('a8fbfc7c-3e3e-5a6c-9a57-31a046faf7f5');
    expect(stableUuid('ceph-secret', 'client.libvirt secret')).toBe('581b8565-c4ef-5cd0-864a-cc586c9429d5');
    expect(stableUuid('storage-pool', 'storage')).toBe('b48e099c-093c-5ce3-8084-107bb85890dd');
    expect(stableUuid('domain', 'web1')).toMatch(
      /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
    );
  });

  it('differs by kind and by name', () => {
    const all = [stableUuid('domain', 'a'), stableUuid('domain', 'b'), stableUuid('storage-pool', 'a')];
    expect(new Set(all).size).toBe(3);
  });
});

describe('stableMacAddress', () => {
  it("is in QEMU's range and the same at every synth", () => {
    expect(stableMacAddress('web1', 0)).toMatch(/^52:54:00(:[0-9a-f]{2}){3}$/);
    expect(stableMacAddress('web1', 0)).toBe(stableMacAddress('web1', 0));
    expect(stableMacAddress('web1', 1)).not.toBe(stableMacAddress('web1', 0));
  });
});
