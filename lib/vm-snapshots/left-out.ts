import { attributeAt, find, findAll } from '../render/xml';
import type { Vm } from './vm';

/**
 * The parts of the machine that are not disks and therefore in no snapshot; `snapshot` says so, so that no one relies
 * on it.
 */
export function leftOut({ found }: Pick<Vm, 'found'>): string[] {
  const definition = found?.live ?? found?.definition;
  if (definition === undefined) return [];
  const image = attributeAt(definition, 'os/nvram/source', 'name');
  const isUefi = find(definition, 'os/nvram') !== undefined || attributeAt(definition, 'os', 'firmware') === 'efi';
  const variables = image === undefined ? 'its UEFI variables, a file on the host' : `its UEFI variables, '${image}'`;
  const hasTpm = findAll(definition, 'devices/tpm').length > 0;
  return [...(isUefi ? [variables] : []), ...(hasTpm ? ['the state of its TPM, on the host'] : [])];
}
