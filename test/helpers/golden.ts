import { rmSync } from 'node:fs';
import type { TerraformStack } from 'cdktf';
import {
  CephClient,
  CephClientConfig,
  CephPool,
  CephRbdStoragePool,
  LibvirtCephSecret,
  type LibvirtDriver,
  RbdBackedVm,
  RbdDiskAttachment,
  RbdImage,
  RbdSnapshot,
  Size,
} from '../../constructs';
import { SELF_CONTAINED_EXAMPLES, synthExample } from './example';
import { clusterOf, DRIVERS, hostOf } from './scene';
import { type Rendered, synth } from './synth';

/** One golden file: its name without `.tf.json`, and its content. */
export interface Golden {
  readonly name: string;
  readonly json: () => Rendered;
}

const clientOf = (stack: TerraformStack): CephClient => new CephClient(stack, 'libvirt', { cluster: clusterOf(stack) });
const poolOf = (stack: TerraformStack): CephPool => new CephPool(stack, 'vms', { cluster: clusterOf(stack) });
const imageOf = (stack: TerraformStack): RbdImage =>
  new RbdImage(stack, 'data', { pool: poolOf(stack), size: Size.gibibytes(1) });
const storageOf = (stack: TerraformStack, driver: LibvirtDriver): CephRbdStoragePool =>
  new CephRbdStoragePool(stack, 'storage', { host: hostOf(stack, driver), cluster: clusterOf(stack) });

/** Each construct that makes resources, with only what it requires. */
const CONSTRUCTS: { readonly [name: string]: (stack: TerraformStack) => unknown } = {
  'ceph-pool': poolOf,
  'ceph-client': clientOf,
  'rbd-image': imageOf,
  'rbd-snapshot': (stack) => new RbdSnapshot(stack, 'before', { image: imageOf(stack) }),
  'libvirt-ceph-secret': (stack) =>
    new LibvirtCephSecret(stack, 'secret', { host: hostOf(stack), client: clientOf(stack) }),
  'ceph-client-config': (stack) =>
    new CephClientConfig(stack, 'config', {
      host: hostOf(stack),
      client: clientOf(stack),
      logFile: '/var/log/ceph/$name.log',
    }),
  'rbd-disk-attachment': (stack) => {
    const image = imageOf(stack);
    const client = new CephClient(stack, 'libvirt', { cluster: image.pool.cluster });
    const secret = new LibvirtCephSecret(stack, 'secret', { host: hostOf(stack), client });
    new RbdDiskAttachment(stack, 'attached', { secret, vmName: 'legacy', disk: { image, target: 'vdb' } });
  },
};

const BY_DRIVER: { readonly [name: string]: (stack: TerraformStack, driver: LibvirtDriver) => unknown } = {
  'ceph-rbd-storage-pool': storageOf,
  'rbd-backed-vm': (stack, driver) =>
    new RbdBackedVm(stack, 'web1', {
      storage: storageOf(stack, driver),
      vcpus: 1,
      memory: Size.mebibytes(256),
      rootDisk: { size: Size.gibibytes(1) },
    }),
};

/** All golden files. */
export const GOLDENS: readonly Golden[] = [
  ...SELF_CONTAINED_EXAMPLES.flatMap((example) =>
    DRIVERS.map((driver) => ({ name: `example-${example}-${driver}`, json: () => exampleJson(example, driver) })),
  ),
  ...Object.entries(CONSTRUCTS).map(([name, build]) => ({
    name,
    json: () => synth((stack) => void build(stack)).json,
  })),
  ...Object.entries(BY_DRIVER).flatMap(([name, build]) =>
    DRIVERS.map((driver) => ({
      name: `${name}-${driver}`,
      json: () => synth((stack) => void build(stack, driver)).json,
    })),
  ),
];

function exampleJson(example: string, driver: LibvirtDriver): Rendered {
  const { folder, json } = synthExample(example, { LIBVIRT_DRIVER: driver });
  rmSync(folder, { recursive: true });
  return json;
}

/**
 * A stack as a golden file contains it: sorted, without cdktf's comments, and with a placeholder for what changes with
 * every build.
 */
export function goldenText(json: Rendered): string {
  const text = JSON.stringify(sorted(json), undefined, 2).replace(/(\/assets\/[\w-]+\/)[0-9A-F]{32}\//g, '$1HASH/');
  return `${text}\n`;
}

function sorted(value: Rendered): Rendered {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const names = Object.keys(value).filter((name) => name !== '//');
  return Object.fromEntries(names.sort().map((name) => [name, sorted(value[name])]));
}
