import { type AddressedVm, findAddresses } from '../vms/addresses';
import { findSpecs } from './find-vm';
import type { Result, Session } from './command-session';
import { table } from './table';

/** The addresses of the named VMs, or of all; with `wait`, in seconds, waits until each has one. */
export async function addresses(session: Session, names: readonly string[], wait?: number): Promise<Result> {
  const found = await findAddresses(await findSpecs(session, names), session.tools, wait);
  return { json: found, lines: renderAddresses(found), finding: found.some((vm) => vm.addresses.length === 0) };
}

export function renderAddresses(found: readonly AddressedVm[]): string[] {
  const rows = found.flatMap(({ vm, addresses }) =>
    addresses.map((one) => [vm, one.address, one.source, one.interface, one.mac]),
  );
  const none = found.flatMap(({ vm, none }) => (none === undefined ? [] : [`VM '${vm}' has no address yet: ${none}`]));
  return [...table(['VM', 'ADDRESS', 'SOURCE', 'INTERFACE', 'MAC'], rows), ...none];
}
