import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { ValidationError } from '../errors';
import { refuseCreateBeforeDestroy } from './create-before-destroy';

/** Which copy of this library checks a stack; by symbol, as the copies share no module. */
const GUARD = Symbol.for('cdktf-libvirt-ceph.guard');

/** The build for cdktn has its name here, as in the imports. */
const TOOLKIT = 'cdktf';
const ENTRIES =
  "a stack of cdktf takes them from 'cdktf-libvirt-ceph', a stack of cdktn from 'cdktf-libvirt-ceph/cdktn'";

interface Guarded {
  [GUARD]?: string;
}

/** What must hold for a stack as a whole: looked after once, from its first construct of ours on. */
export function checkStack(construct: Construct): void {
  const stack = TerraformStack.of(construct) as TerraformStack & Guarded;
  refuseOtherCopy(construct, stack[GUARD]);
  if (stack[GUARD] !== undefined) return;
  Object.defineProperty(stack, GUARD, { value: __dirname });
  refuseForeignBase(stack);
  stack.node.addValidation({
    validate: () => {
      refuseCreateBeforeDestroy(stack);
      return [];
    },
  });
}

/** Two copies keep apart what each has given away: names would clash unseen. */
function refuseOtherCopy(construct: Construct, other: string | undefined): void {
  if (other === undefined || other === __dirname) return;
  const message = `the constructs of a stack must come from one copy of cdktf-libvirt-ceph, got '${__dirname}' and '${other}'; ${ENTRIES}; 'npm ls cdktf-libvirt-ceph' tells whether it is there twice`;
  throw ValidationError.of(construct, 'two-copies', message);
}

/** With two copies, aspects visit no construct of ours and synth fails on a missing internal method (cdktf 0.21). */
function refuseForeignBase(stack: TerraformStack): void {
  // `instanceof` tells copies apart, which elsewhere is what is wrong with it.
  const foreign = [
    ...(stack instanceof TerraformStack ? [] : [TOOLKIT]),
    ...(stack instanceof Construct ? [] : ['constructs']),
  ];
  if (foreign.length === 0) return;
  const message = `our constructs must share ${TOOLKIT} and constructs with their stack, got a stack of another copy of ${foreign.join(' and ')}; ${ENTRIES}; 'npm ls cdktf cdktn constructs' tells what is there twice`;
  throw ValidationError.of(stack, 'two-copies', message);
}
