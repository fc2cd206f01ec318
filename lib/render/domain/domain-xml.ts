import { type DomainDefinition, kibibytes } from '../../model';
import { element, type XmlElement } from '../xml';
import * as defaults from './defaults';
import { otherDevices } from './device-xml';
import { diskXml } from './disk-xml';
import * as diskDefaults from './disk-defaults';
import { addFragments } from './fragments';
import { cpuXml, featuresXml, fwCfgXml, memoryBackingXml, osXml, vcpusXml } from './machine-xml';
import { interfaceXml } from './network-xml';

/** A definition as libvirt's domain XML; `mark` is the text that says who owns it. */
export function domainXml(spec: DomainDefinition, mark: string): XmlElement {
  return addFragments(plainDomainXml(spec, mark), spec.xml);
}

/** The same without what the spec adds as XML. */
export function plainDomainXml(spec: DomainDefinition, mark: string): XmlElement {
  const maximum = spec.maxMemory ?? spec.memory;
  return element(
    'domain',
    { type: spec.domainType },
    leaf('name', spec.name),
    leaf('uuid', spec.uuid),
    spec.description === undefined ? undefined : leaf('description', spec.description),
    element('metadata', {}, element('mark:mark', { 'xmlns:mark': defaults.MARK_NAMESPACE }, mark)),
    element('memory', { unit: 'KiB' }, String(kibibytes(maximum))),
    element('currentMemory', { unit: 'KiB' }, String(kibibytes(spec.memory))),
    fwCfgXml(spec),
    memoryBackingXml(spec),
    vcpusXml(spec),
    ...ioThreads(spec),
    osXml(spec),
    featuresXml(spec),
    cpuXml(spec),
    element('clock', { offset: 'utc' }),
    element('devices', {}, ...devices(spec)),
  );
}

function leaf(name: string, text: string): XmlElement {
  return element(name, {}, text);
}

function ioThreads(spec: DomainDefinition): XmlElement[] {
  const ids = diskDefaults.ioThreads(spec);
  if (ids.length === 0) return [];
  const threads = ids.map((id) => element('iothread', { id }));
  return [leaf('iothreads', String(ids.length)), element('iothreadids', {}, ...threads)];
}

function devices(spec: DomainDefinition): (XmlElement | undefined)[] {
  const disks = diskDefaults.disksInOrder(spec).map(([target, disk]) => {
    const place = { target, alias: defaults.diskAlias(target), boot: diskDefaults.bootOrder(spec, target) };
    return diskXml(place, disk, spec);
  });
  const port = defaults.lastRootPort(spec);
  return [
    ...disks,
    port === undefined ? undefined : rootPort(port),
    ...diskDefaults.scsiControllers(spec).map(scsiController),
    ...(spec.networkInterfaces ?? []).map(interfaceXml),
    ...otherDevices(spec),
  ];
}

function rootPort(index: number): XmlElement {
  return element('controller', { type: 'pci', index, model: 'pcie-root-port' });
}

function scsiController({ index, ioThread, queues }: diskDefaults.ScsiController): XmlElement {
  const driver = ioThread === undefined && queues === undefined ? undefined : { queues, iothread: ioThread };
  const place = { type: 'scsi', index, model: diskDefaults.SCSI_MODEL };
  return element('controller', place, driver && element('driver', driver));
}
