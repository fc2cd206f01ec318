import type { DomainSpec } from '../../model';
import { MARK_NAMESPACE } from '../../render/domain/defaults';
import { renderXml, textAt, type XmlElement } from '../../render/xml';
import { virsh } from '../commands';
import type { Tools } from '../tools';
import { liveMark } from './domain-mark';
import type { ObservedDomain } from './observed-domain';
import { comparableOf } from './compared-fields';

/**
 * What `virsh define` does not change in a running VM, so that it is set there separately: mark, description, a smaller
 * memory.
 */
export async function updateLiveMetadata(
  spec: DomainSpec,
  wanted: XmlElement,
  found: ObservedDomain,
  tools: Tools,
): Promise<void> {
  const { host, name } = spec;
  const live = (...argv: string[]) => tools.attempt(virsh(host, ...argv, '--live'));
  const mark = JSON.stringify(liveMark(spec, found.liveMark));
  const set = renderXml({ name: 'mark', attributes: {}, children: [mark] }).trimEnd();
  await live('metadata', name, '--uri', MARK_NAMESPACE, '--key', 'mark', '--set', set);
  const [before, after] = [comparableOf(found.definition).fields, comparableOf(wanted).fields];
  if (before['description'] !== after['description'])
    await live('desc', name, `--new-desc=${after['description'] ?? ''}`);
  if (before['memory'] !== after['memory'] && before['maximum memory'] === after['maximum memory']) {
    const kibibytes = textAt(wanted, 'currentMemory') ?? '';
    await live('setmem', name, kibibytes);
  }
}
