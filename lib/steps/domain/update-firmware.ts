import type { DomainSpec } from '../../model';
import { find, findAll, removeChild, type XmlElement } from '../../render/xml';
import { Refusal } from '../tools';
import type { ObservedDomain } from './observed-domain';
import { comparableOf } from './compared-fields';
import { decidedBy } from './compare-with-spec';

/** UEFI variables contain keys and boot entries made for one firmware: another would start with the wrong ones. */
export function refuseOtherFirmware(spec: DomainSpec, { definition }: ObservedDomain): void {
  const [is, should] = [comparableOf(definition).fields, decidedBy(spec).fields];
  const other = is['firmware'] !== should['firmware'] && is['firmware'] !== 'bios';
  if (!other || is['nvram'] !== should['nvram']) return;
  throw new Refusal(
    `VM '${spec.name}' has the firmware '${is['firmware']}', whose UEFI variables do not suit '${should['firmware']}'`,
    `revert the change; or shut the VM down and discard its variables, but not its TPM or its disks, with 'virsh undefine ${spec.name} --nvram --keep-tpm', then apply again`,
    'firmware-variables',
  );
}

/** libvirt's choice stays, and with it the file of the variables, as long as the spec asks for the same. */
export function updateFirmware(domain: XmlElement, target: XmlElement): void {
  const [os, wanted] = [find(domain, 'os'), find(target, 'os')] as [XmlElement, XmlElement];
  const [is, should] = [comparableOf(domain).fields, comparableOf(target).fields];
  const same = is['firmware'] === should['firmware'];
  if (same && is['nvram'] === should['nvram']) return;
  const old = same ? ['nvram'] : ['firmware', 'loader', 'nvram'];
  for (const found of old.flatMap((one) => findAll(os, one))) removeChild(os, found);
  os.children.push(...old.flatMap((one) => findAll(wanted, one)));
  if (same) return;
  delete os.attributes['firmware'];
  Object.assign(os.attributes, wanted.attributes);
}
