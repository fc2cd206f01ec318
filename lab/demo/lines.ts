import { stripVTControlCharacters } from 'node:util';

/** What our script reports about its step, and what the provider has done. */
const OURS = /\(local-exec\): (?!Executing:)(.+)$/;
const OF_PROVIDER = /\b(libvirt_\w+\.\S+): (Creation|Destruction) complete after (\S+)/;
const SUMMARY = /((?:Apply|Destroy) complete! .*)$/;

/** A line of `cdktf deploy` as the demo shows it, one per step; undefined for the rest of Terraform's output. */
export function shownLine(line: string): string | undefined {
  const text = stripVTControlCharacters(line).trimEnd();
  const [, address, done, time] = OF_PROVIDER.exec(text) ?? [];
  if (address !== undefined) return `${address}: ${done === 'Creation' ? 'made' : 'gone'} after ${time ?? ''}`;
  return OURS.exec(text)?.[1] ?? SUMMARY.exec(text)?.[1];
}
