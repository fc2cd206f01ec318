import type { HostSpec } from '../../model';
import { parseXml, textAt, type XmlElement } from '../../render/xml';
import { lookAt } from '../libvirt';
import { Refusal, type Tools } from '../tools';

export interface FoundPool {
  /** The persistent definition; for a pool without one, the running XML. */
  readonly definition: XmlElement;
  /** The running XML, while it is active. */
  readonly live?: XmlElement;
  readonly uuid: string;
  readonly autostart: boolean;
  readonly persistent: boolean;
}

/** A storage pool as its host shows it. */
export interface PoolWorld {
  readonly found: FoundPool | undefined;
}

const ABSENT = /failed to get pool|Storage pool not found/;

export async function findPool(host: HostSpec, name: string, tools: Tools): Promise<FoundPool | undefined> {
  const looks = ['pool-info', 'pool-dumpxml --inactive', 'pool-dumpxml'].map((look) => `${look} ${name}`);
  const shown = await lookAt(host, looks, ABSENT, tools);
  if (shown === undefined) return undefined;
  const [info = '', kept = '', current = ''] = shown.split(/^(?=<pool\b)/m);
  const says = (field: string, word: string) => new RegExp(`^${field}: +${word}$`, 'm').test(info);
  const definition = parseXml(kept);
  const actual = textAt(definition, 'name');
  if (actual !== name) {
    throw new Refusal(
      `virsh reads '${name}' as the UUID of storage pool '${actual}'`,
      'choose another name',
      'name-number',
    );
  }
  return {
    definition,
    live: says('State', 'running') ? parseXml(current) : undefined,
    uuid: textAt(definition, 'uuid') ?? '',
    autostart: says('Autostart', 'yes'),
    persistent: says('Persistent', 'yes'),
  };
}

export async function observePool(
  { host, name }: { readonly host: HostSpec; readonly name: string },
  tools: Tools,
): Promise<PoolWorld> {
  return { found: await findPool(host, name, tools) };
}
