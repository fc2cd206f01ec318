import { TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { ValidationError } from '../errors';
import { refuseCreateBeforeDestroy } from './create-before-destroy';

/** Which copy of this library checks a stack; by symbol, because the copies share no module. */
const CHECKED_BY = Symbol.for('cdktf-libvirt-ceph.checked-by');

/** The build for cdktn replaces the name here, as in the imports. */
const TOOLKIT = 'cdktf';
const ENTRIES = "import them from 'cdktf-libvirt-ceph' with cdktf, from 'cdktf-libvirt-ceph/cdktn' with cdktn";

interface Guarded {
  [CHECKED_BY]?: string;
}

/** What must hold for a stack as a whole: set up once, with its first construct of ours. */
export function checkStack(construct: Construct): void {
  const stack = TerraformStack.of(construct) as TerraformStack & Guarded;
  refuseOtherCopy(construct, stack[CHECKED_BY]);
  if (stack[CHECKED_BY] !== undefined) return;
  Object.defineProperty(stack, CHECKED_BY, { value: __dirname });
  refuseForeignBase(stack);
  stack.node.addValidation({
    validate: () => {
      refuseCreateBeforeDestroy(stack);
      return [];
    },
  });
}

/** Two copies would not see each other's claims, so names could clash unnoticed. */
function refuseOtherCopy(construct: Construct, other: string | undefined): void {
  if (other === undefined || other === __dirname) return;
  const message = `the constructs of a stack must come from one copy of cdktf-libvirt-ceph, got '${__dirname}' and '${other}'; ${ENTRIES}; 'npm ls cdktf-libvirt-ceph' shows whether it is installed twice`;
  throw ValidationError.of(construct, 'two-copies', message);
}

/** With two copies, aspects do not visit our constructs and synth fails on a missing internal method (cdktf 0.21). */
function refuseForeignBase(stack: TerraformStack): void {
  // `instanceof` distinguishes copies, which is why it must not be used elsewhere.
  const foreign = [
    ...(stack instanceof TerraformStack ? [] : [TOOLKIT]),
    ...(stack instanceof Construct ? [] : ['constructs']),
  ];
  if (foreign.length === 0) return;
  const message = `our constructs must share ${TOOLKIT} and constructs with their stack, got a stack from another copy of ${foreign.join(' and ')}; ${ENTRIES}; 'npm ls cdktf cdktn constructs' shows what is installed twice`;
  throw ValidationError.of(stack, 'two-copies', message);
}
