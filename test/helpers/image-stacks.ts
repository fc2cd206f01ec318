import type { TerraformStack } from 'cdktf';
import { CephPool, RbdImage, type RbdImageProps, Size } from '../../constructs';
import { clusterOf } from './scene';

/** A pool, 'vms'. */
export const poolOf = (stack: TerraformStack): CephPool => new CephPool(stack, 'vms', { cluster: clusterOf(stack) });

/** An image, 'data', in a pool of its own. */
export const withProps = (props: Partial<RbdImageProps>) => (stack: TerraformStack) =>
  void new RbdImage(stack, 'data', { pool: poolOf(stack), ...props });

export const blank = { size: Size.gibibytes(20) };
