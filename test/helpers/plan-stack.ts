import { TerraformResource, type TerraformStack } from 'cdktf';
import {
  CephClient,
  CephPool,
  CephRbdStoragePool,
  Duration,
  ImageSource,
  LibvirtCephSecret,
  type LibvirtDriver,
  type LibvirtHost,
  NetworkSource,
  RbdBackedVm,
  RbdImage,
  RbdSnapshot,
  RemovalPolicy,
  RestartPolicy,
  Size,
} from '../../constructs';
import type { LabInfo } from '../../lab/lab';
import { labHost, world } from './world';

/** What a plan changes in the stack of which plans are recorded; what is not given stays as it was applied. */
export interface PlanParts {
  readonly memory?: number;
  readonly dbMemory?: number;
  readonly dbVcpus?: number;
  readonly dbPolicy?: RemovalPolicy;
  readonly vcpus?: number;
  readonly disk?: number;
  readonly root?: number;
  readonly description?: string;
  readonly running?: boolean;
  readonly keyGeneration?: number;
  readonly scratch?: string | false;
  readonly scratchPolicy?: RemovalPolicy;
  readonly keptPolicy?: RemovalPolicy;
  readonly expiry?: number;
  readonly objectSize?: Size;
  readonly golden?: string;
  readonly host?: 'kvm2';
  readonly foreign?: 'gone' | 'changed';
  readonly without?: readonly string[];
  readonly grant?: boolean;
  readonly extraSize?: number;
  readonly adopted?: boolean;
  readonly nic?: string;
  readonly extraDisk?: true;
  readonly more?: (stack: TerraformStack) => void;
}

const has = ({ without = [] }: PlanParts, name: string): boolean => !without.includes(name);

/** Two VMs on clones of one image, and one of everything else, under each removal policy. */
export function planStack(lab: LabInfo, driver: LibvirtDriver, pool: string, parts: PlanParts = {}) {
  return (stack: TerraformStack): void => {
    const { ceph: cluster, host } = world(stack, lab, driver);
    const kvm2 = (): LibvirtHost => labHost(stack, lab, { driver }, 1);
    const storage = new CephRbdStoragePool(stack, 'storage', { host, cluster, poolName: pool, clientId: `${pool}-vm` });
    const debian = has(parts, 'debian')
      ? new RbdImage(stack, 'debian', { pool: storage.pool, size: Size.mebibytes(8), source: ImageSource.blank() })
      : undefined;
    if (debian && has(parts, 'snapshot')) {
      new RbdSnapshot(stack, 'before', { image: debian, removalPolicy: RemovalPolicy.DELETE });
    }
    images(stack, storage.pool, parts);
    if (has(parts, 'extra')) {
      const extra = new CephPool(stack, `${pool}-extra`, {
        cluster,
        removalPolicy: RemovalPolicy.DELETE,
        ...(parts.extraSize === undefined ? {} : { pgNum: parts.extraSize }),
      });
      const second =
        has(parts, 'client') &&
        new CephClient(stack, `${pool}-second`, { cluster, keyGeneration: parts.keyGeneration });
      if (second) {
        if (parts.grant ?? true) extra.grantReadWrite(second);
        if (has(parts, 'secret')) new LibvirtCephSecret(stack, 'second-secret', { host, client: second });
      }
    }
    if (has(parts, 'web1')) web(stack, storage, parts.host === 'kvm2' ? kvm2() : host, debian, parts);
    if (has(parts, 'db1')) {
      const [{ pool }, { dbPolicy: removalPolicy }] = [storage, parts];
      new RbdBackedVm(stack, 'db1', {
        storage,
        vcpus: parts.dbVcpus ?? 1,
        memory: Size.mebibytes(parts.dbMemory ?? 32),
        maxMemory: Size.mebibytes(64),
        rootDisk: { image: new RbdImage(stack, 'db1-root', { pool, size: Size.mebibytes(8), removalPolicy }) },
        shutdownTimeout: Duration.seconds(1),
        restartPolicy: RestartPolicy.NOW,
      });
    }
    if (parts.foreign !== 'gone') foreign(stack, parts.foreign ?? 'first');
    parts.more?.(stack);
  };
}

function web(
  stack: TerraformStack,
  storage: CephRbdStoragePool,
  host: LibvirtHost,
  debian: RbdImage | undefined,
  parts: PlanParts,
): void {
  const { pool, client } = storage;
  const moved = (): CephRbdStoragePool =>
    new CephRbdStoragePool(stack, 'storage2', {
      host,
      pool,
      client,
      secret: new LibvirtCephSecret(stack, 'moved-secret', { host, client }),
    });
  const on = { storage: host === storage.host ? storage : moved() };
  new RbdBackedVm(stack, 'web1', {
    ...on,
    vcpus: parts.vcpus ?? 1,
    memory: Size.mebibytes(parts.memory ?? 32),
    description: parts.description,
    running: parts.running,
    rootDisk: { source: debian && ImageSource.clone(debian), size: Size.mebibytes(parts.root ?? 16) },
    dataDisks: [
      ...(has(parts, 'vdb') ? [{ target: 'vdb', size: Size.mebibytes(parts.disk ?? 8) }] : []),
      ...(parts.extraDisk ? [{ target: 'vdc', size: Size.mebibytes(8) }] : []),
    ],
    networkInterfaces: parts.nic === undefined ? [] : [{ source: NetworkSource.network(parts.nic) }],
    shutdownTimeout: Duration.seconds(1),
  });
}

function images(stack: TerraformStack, pool: CephPool | CephRbdStoragePool['pool'], parts: PlanParts): void {
  if (parts.scratch !== false) {
    new RbdImage(stack, 'scratch', {
      pool,
      imageName: parts.scratch,
      size: Size.mebibytes(8),
      objectSize: parts.objectSize,
      removalPolicy: parts.scratchPolicy ?? RemovalPolicy.DELETE,
    });
  }
  if (has(parts, 'kept')) {
    const removalPolicy = parts.keptPolicy ?? RemovalPolicy.RETAIN;
    new RbdImage(stack, 'kept', { pool, size: Size.mebibytes(8), removalPolicy });
  }
  if (has(parts, 'binned')) {
    new RbdImage(stack, 'binned', { pool, size: Size.mebibytes(8), trashExpiry: Duration.days(parts.expiry ?? 30) });
  }
  if (parts.adopted) new RbdImage(stack, 'legacy', { pool, size: Size.mebibytes(8), adopt: true });
}

/** Somebody else's resource, with its own script. */
function foreign(stack: TerraformStack, input: string): void {
  const one = new TerraformResource(stack, 'theirs', { terraformResourceType: 'terraform_data' });
  one.addOverride('triggers_replace', input);
  one.addOverride('provisioner', [{ 'local-exec': { command: 'true' } }]);
}
