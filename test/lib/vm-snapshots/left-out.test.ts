import type { DomainSpec } from '../../../lib/model';
import { domainXml } from '../../../lib/render/domain/domain-xml';
import { parseLooks } from '../../../lib/steps/domain/observed-domain';
import { renderXml } from '../../../lib/render/xml';
import { leftOut } from '../../../lib/vm-snapshots/left-out';
import { DOMAIN } from '../../helpers/domain-spec';

const of = (fields: Partial<DomainSpec>): string[] => {
  const xml = renderXml(domainXml({ ...DOMAIN, ...fields }, '{}'));
  return leftOut({ found: parseLooks(`running (booted)\nPersistent:     yes\n${xml}${xml}`) });
};

test('a snapshot of a VM says that it contains neither UEFI variables nor the state of a TPM', () => {
  expect(of({ firmware: 'uefi', tpm: true })).toEqual([
    'its UEFI variables, a file on the host',
    'the state of its TPM, on the host',
  ]);
  expect(of({ firmware: 'uefi', nvram: 'pool/variables' })).toEqual(["its UEFI variables, 'pool/variables'"]);
});

test('a snapshot of a VM that boots with BIOS, or does not exist, lacks nothing', () => {
  expect(of({})).toEqual([]);
  expect(leftOut({ found: undefined })).toEqual([]);
});
