import { parseMonitor, type StoragePoolDefinition } from '../model';
import { attributeAt, element, elementsOf, find, findAll, renderXml, textAt, type XmlElement } from './xml';

/** libvirt's XML of an rbd storage pool, as a tree. */
export function storagePoolTree(pool: StoragePoolDefinition): XmlElement {
  return element(
    'pool',
    { type: 'rbd' },
    element('name', {}, pool.name),
    element('uuid', {}, pool.uuid),
    element('source', {}, ...sourceElements(pool)),
  );
}

export function renderStoragePool(pool: StoragePoolDefinition): string {
  return renderXml(storagePoolTree(pool));
}

/** The existing definition, changed as wanted: elements that we do not render, such as librados options, stay. */
export function amendStoragePool(present: XmlElement, pool: StoragePoolDefinition): XmlElement {
  const source = find(present, 'source');
  const kept = source ? elementsOf(source).filter(({ name }) => !['host', 'name', 'auth'].includes(name)) : [];
  const amended = element('source', source?.attributes, ...sourceElements(pool), ...kept);
  const others = present.children.filter((child) => child !== source);
  return { ...present, children: [...others, amended] };
}

/** The differences between a definition and the wanted one, in words; the uuid is not compared. */
export function storagePoolDifferences(present: XmlElement, pool: StoragePoolDefinition): string[] {
  const wanted = storagePoolTree(pool);
  return FIELDS.map(([name, read]) => [name, read(present), read(wanted)] as const)
    .filter(([, is, should]) => is !== should)
    .map(([name, is, should]) => `its ${name} is '${is}', not '${should}'`);
}

const FIELDS: readonly (readonly [string, (tree: XmlElement) => string])[] = [
  ['type', (tree) => tree.attributes['type'] ?? ''],
  ['Ceph pool', (tree) => textAt(tree, 'source/name') ?? ''],
  ['list of monitors', (tree) => findAll(tree, 'source/host').map(hostText).join(', ')],
  ['type of authentication', (tree) => attributeAt(tree, 'source/auth', 'type') ?? ''],
  ['client', (tree) => attributeAt(tree, 'source/auth', 'username') ?? ''],
  ['secret', (tree) => secretText(find(tree, 'source/auth/secret'))],
];

function sourceElements(pool: StoragePoolDefinition): XmlElement[] {
  const { cephPool, monitors, clientId, secretUsage, secretUuid } = pool;
  const secret = secretUuid === undefined ? { usage: secretUsage } : { uuid: secretUuid };
  return [
    ...monitors.map(hostElement),
    element('name', {}, cephPool),
    element('auth', { type: 'ceph', username: clientId }, element('secret', secret)),
  ];
}

function hostElement(text: string): XmlElement {
  const monitor = parseMonitor(text);
  if (monitor === undefined) throw new RangeError(`'${text}' is not a monitor`);
  return element('host', { name: monitor.host, port: monitor.port });
}

function hostText({ attributes: { name = '', port } }: XmlElement): string {
  const host = name.includes(':') ? `[${name}]` : name;
  return port === undefined ? host : `${host}:${port}`;
}

function secretText(secret: XmlElement | undefined): string {
  const { usage, uuid } = secret?.attributes ?? {};
  return usage ?? (uuid === undefined ? '' : `uuid ${uuid}`);
}
