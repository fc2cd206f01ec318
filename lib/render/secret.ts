import { element, renderXml } from './xml';

/** A libvirt secret for a cephx key; the key itself is never part of its XML. */
export interface SecretDefinition {
  readonly uuid: string;
  readonly usage: string;
  readonly private: boolean;
  readonly description: string;
}

/** libvirt's XML of a secret of usage type ceph. Not ephemeral: its value survives a restart of libvirt. */
export function renderSecret(secret: SecretDefinition): string {
  return renderXml(
    element(
      'secret',
      { ephemeral: 'no', private: secret.private ? 'yes' : 'no' },
      element('uuid', {}, secret.uuid),
      element('description', {}, secret.description),
      element('usage', { type: 'ceph' }, element('name', {}, secret.usage)),
    ),
  );
}
