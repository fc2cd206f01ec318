import type { DomainSpec } from '../lib/model';
import type { DomainArguments } from '../lib/provider-libvirt';
export function providerDomain(_spec: Partial<DomainSpec>, _mark: string): DomainArguments {
  throw new Error('not yet');
}
