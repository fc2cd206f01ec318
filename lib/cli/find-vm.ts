import { type DomainSpec, nameOfSpec } from '../model';
import { Refusal } from '../steps/tools';
import { lookAtVm, type Vm } from '../vm-snapshots/vm';
import type { Session } from './command-session';
import { ofKind, type StackObject } from './stack-objects';

/** The VM of that name, or of that address. */
export async function findVm(session: Session, name: string): Promise<Vm> {
  const spec = chooseVm(ofKind<DomainSpec>(await session.objects(), 'domain'), name);
  return lookAtVm(spec, session.tools);
}

/** The specs of the VMs with these names or addresses; of all if none is given. */
export async function findSpecs(session: Session, names: readonly string[]): Promise<DomainSpec[]> {
  const all = ofKind<DomainSpec>(await session.objects(), 'domain');
  return names.length === 0 ? all.map(({ spec }) => spec) : names.map((name) => chooseVm(all, name));
}

function chooseVm(all: readonly StackObject<DomainSpec>[], name: string): DomainSpec {
  const hits = all.filter((one) => one.spec.name === name || one.name === name || one.name === nameOfSpec(name));
  const spec = hits[0]?.spec;
  if (spec !== undefined && hits.length === 1) return spec;
  const known = all.map((one) => (one.spec.name === one.name ? one.name : `${one.spec.name} (${one.name})`));
  const problem = spec === undefined ? 'the stack has no applied VM' : 'several VMs of the stack are named';
  throw new Refusal(`${problem} '${name}'`, `its VMs are: ${known.join(', ') || 'none'}`, 'vm-unknown');
}
