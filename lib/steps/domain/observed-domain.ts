import type { HostSpec } from '../../model';
import { MARK_NAMESPACE } from '../../render/domain/defaults';
import { elementsOf, find, parseXml, textAt, type XmlElement } from '../../render/xml';
import { lookAt } from '../libvirt';
import { parseMark } from '../ownership/mark';
import { Refusal, type Tools } from '../tools';
import type { DomainMark } from './domain-mark';

/** A domain as libvirt shows it. */
export interface ObservedDomain {
  /** "running", "paused", "in shutdown", "shut off", "crashed", "pmsuspended" */
  readonly state: string;
  /** "booted", "user", "I/O error" */
  readonly reason: string;
  /** False: it runs, but is no longer defined. */
  readonly persistent: boolean;
  readonly autostart: boolean;
  readonly managedSave: boolean;
  /** The job that libvirt works on while it runs: "Backup", "Outgoing migration". */
  readonly job?: string;
  /** The definition for the next boot. */
  readonly definition: XmlElement;
  /** The running XML, while it runs. */
  readonly live?: XmlElement;
  readonly mark?: DomainMark;
  /** The mark in the running XML: that of the definition with which it was started, with what was added since. */
  readonly liveMark?: DomainMark;
}

/** How virsh says that there is no such domain. */
export const ABSENT = /failed to get domain|Domain not found/;
/** The job query fails for a VM that is off. */
const LOOKS = [
  ...['domstate --reason', 'dominfo', 'domjobinfo'],
  ...['dumpxml --inactive --security-info', 'dumpxml --security-info'],
];

/** The commands of virsh that show everything about a domain. */
export function looksAt(name: string): string[] {
  return LOOKS.map((look) => `${look} ${name}`);
}

/**
 * A domain, or undefined if there is none of that name. One call of virsh for everything, because over ssh each call
 * costs a connection. The definition is read with its passwords, because a redefinition would drop them otherwise.
 */
export async function observeDomain(tools: Tools, host: HostSpec, name: string): Promise<ObservedDomain | undefined> {
  const shown = await lookAt(host, looksAt(name), ABSENT, tools);
  if (shown === undefined) return undefined;
  return namedDomain(parseLooks(shown), name);
}

/** Throws if virsh took the name for another domain's number or UUID. */
export function namedDomain(found: ObservedDomain, name: string): ObservedDomain {
  const actual = textAt(found.definition, 'name');
  if (actual !== name) {
    throw new Refusal(
      `virsh reads the VM's name as the ID or UUID of VM '${actual}'`,
      `choose another 'vmName'`,
      'name-number',
    );
  }
  return found;
}

export function isActive({ state }: ObservedDomain): boolean {
  return state !== 'shut off';
}

/**
 * The looks printed its state, its definition and the running XML; if a domain came or went meanwhile, some are
 * missing.
 */
export function isWhole(shown: string): boolean {
  return !/^\s*</.test(shown) && shown.match(/^<\/domain>$/gm)?.length === 2;
}

/** What the looks printed, in order. */
export function parseLooks(stdout: string): ObservedDomain {
  const start = stdout.indexOf('<domain');
  const [, state = 'no state', reason = ''] = /^\s*(.+?)(?: \((.*)\))?\n/.exec(stdout) ?? [];
  const info = (key: string) => new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(stdout.slice(0, start))?.[1];
  const [inactive = '', current = ''] = stdout.slice(start).split(/(?<=<\/domain>)\s*(?=<domain)/);
  const definition = parseXml(inactive);
  const live = state === 'shut off' ? undefined : parseXml(current);
  return {
    state,
    reason,
    persistent: info('Persistent') === 'yes',
    autostart: info('Autostart') === 'enable',
    managedSave: info('Managed save') === 'yes',
    job: info('Operation')?.trim(),
    definition,
    live,
    mark: markOf(definition),
    liveMark: live && markOf(live),
  };
}

export function markOf(domain: XmlElement): DomainMark | undefined {
  const metadata = find(domain, 'metadata');
  const found = metadata && elementsOf(metadata).find(isMark);
  return found && parseMark(found.children.filter((child) => typeof child === 'string').join(''));
}

/** Whatever prefix libvirt or a tool has given it. */
export function isMark(element: XmlElement): boolean {
  return Object.values(element.attributes).includes(MARK_NAMESPACE) && /(^|:)mark$/.test(element.name);
}
