import { renderSecret } from '../../../lib/render/secret';

const UUID = '6d0a0d4e-0000-5000-8000-00000000d001';

test('a secret is not ephemeral, has the usage type ceph, and says whether it is private', () => {
  expect(renderSecret({ uuid: UUID, usage: 'client.libvirt secret', private: true, description: 'the key' })).toBe(
    `<secret ephemeral="no" private="yes">
  <uuid>${UUID}</uuid>
  <description>the key</description>
  <usage type="ceph">
    <name>client.libvirt secret</name>
  </usage>
</secret>
`,
  );
});

test('text stays text', () => {
  const xml = renderSecret({ uuid: UUID, usage: 'u', private: false, description: '</description><x/>{"a":"<&>"}' });
  expect(xml).toContain('private="no"');
  expect(xml).toContain('&lt;/description&gt;&lt;x/&gt;{"a":"&lt;&amp;&gt;"}');
});
