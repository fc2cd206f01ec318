import { Construct } from 'constructs';
import type { ImageUserSpec } from '../lib/model';
import { addressesOf, setClassSymbol, claim, CommandResource, hasClassSymbol } from '../lib/terraform';
import { validate } from '../lib/validation';
import type { Size } from '../lib/size';
import { CephCluster } from './ceph-cluster';
import type { RbdImageProps } from './rbd-image-props';
import { headerRules, imageNameRule, imageRules } from './rbd-image-rules';
import { ImageSource } from './image-source';
import { RemovalPolicy } from './removal-policy';
import type { ICephPool, IRbdImage } from './interfaces';

/** Identifies an image that something else manages. */
export interface RbdImageAttributes {
  readonly pool: ICephPool;
  readonly imageName: string;
}

/**
 * An RBD image. It is created under a temporary name, marked and then renamed, so that a partial one is never mistaken
 * for it.
 *
 * @see https://docs.ceph.com/en/latest/rbd/
 * @example
 * new RbdImage(this, 'debian-12', { pool, source: ImageSource.file('debian-12.qcow2') });
 * new RbdImage(this, 'data', { pool, size: Size.gibibytes(100) });
 */
export class RbdImage extends Construct implements IRbdImage {
  /** An existing image that this stack does not manage. */
  public static fromImageName(scope: Construct, id: string, attrs: RbdImageAttributes): IRbdImage {
    return new ImportedRbdImage(scope, id, attrs);
  }

  /** @internal The image, if this stack manages it. */
  public static _tryOurs(image: IRbdImage): RbdImage | undefined {
    return hasClassSymbol(image, 'RbdImage') ? (image as RbdImage) : undefined;
  }

  public readonly pool: ICephPool;
  public readonly imageName: string;
  public readonly spec: string;
  /** @internal */
  public readonly _address: string;
  /** @internal The other pools that reading and writing it touches. */
  public readonly _dataPool: ICephPool | undefined;
  /** @internal */
  public readonly _source: ImageSource;
  /** @internal Its own, or its parent's; undefined if neither is known at synth. */
  public readonly _size: Size | undefined;

  private readonly users: (() => ImageUserSpec)[] = [];

  constructor(scope: Construct, id: string, props: RbdImageProps) {
    super(scope, id);
    setClassSymbol(this, 'RbdImage');
    const cluster = CephCluster._of(props.pool.cluster, this);
    this.pool = props.pool;
    this.imageName = props.imageName ?? id;
    this.spec = `${this.pool.poolName}/${this.imageName}`;
    this._source = props.source ?? ImageSource.blank();
    this._dataPool = props.dataPool;
    const parent = this._source._parent && RbdImage._tryOurs(this._source._parent);
    this._size = props.size ?? parent?._size;
    const rules = imageRules({ ...props, imageName: this.imageName, source: this._source._spec() }, parent?._size);
    validate(this, [...rules, ...headerRules(this._source._headers)]);
    claim(this, `the image '${this.spec}' of ${cluster._identity}`, 'use one of the two, or RbdImage.fromImageName');
    const entry = cluster._images.add(this.spec, () => this.removal(cluster, props));
    this._address = new CommandResource(this, {
      kind: 'rbd-image',
      entry,
      fields: () => this.fields(props),
      expressions: () => {
        const source = this._source._shownExpressions();
        return source === undefined ? {} : { source };
      },
      context: () => ({
        cluster: cluster._spec(),
        users: this.users.map((user) => user()),
        fetch: this._source._fetch(),
      }),
      contextExpressions: () => this._source._seed?.location() ?? {},
      secrets: () => this._source._secrets(),
      after: () => this.after(),
    }).confirmed;
  }

  /** @internal A disk whose VM must learn a new size. */
  public _addUser(user: () => ImageUserSpec): void {
    this.users.push(user);
  }

  private removal(cluster: CephCluster, props: RbdImageProps): object {
    const kept = props.adopt === true ? RemovalPolicy.RETAIN : RemovalPolicy.TRASH;
    const removalPolicy = props.removalPolicy ?? kept;
    const trashExpiry =
      removalPolicy === RemovalPolicy.TRASH ? (props.trashExpiry?.toString() ?? '30 days') : undefined;
    return { cluster: cluster._spec(), pool: this.pool.poolName, name: this.imageName, removalPolicy, trashExpiry };
  }

  private fields({ size, dataPool, objectSize, features, adopt }: RbdImageProps): object {
    return {
      pool: this.pool.poolName,
      name: this.imageName,
      source: this._source._shownExpressions() === undefined ? this._source._shown() : undefined,
      size: size?.toString(),
      dataPool: dataPool?.poolName,
      objectSize: objectSize?.toString(),
      features,
      adopt,
    };
  }

  private after(): string[] {
    return addressesOf(this.pool, this._dataPool, this._source._parent, this._source._snapshot);
  }
}

class ImportedRbdImage extends Construct implements IRbdImage {
  public readonly pool: ICephPool;
  public readonly imageName: string;
  public readonly spec: string;

  constructor(scope: Construct, id: string, attrs: RbdImageAttributes) {
    super(scope, id);
    this.pool = attrs.pool;
    this.imageName = attrs.imageName;
    this.spec = `${attrs.pool.poolName}/${attrs.imageName}`;
    validate(this, [imageNameRule(this.imageName)]);
  }
}
