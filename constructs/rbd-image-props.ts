import type { Duration } from '../lib/duration';
import type { Size } from '../lib/size';
import type { ImageSource } from './image-source';
import type { ICephPool } from './interfaces';
import type { RemovalPolicy } from './removal-policy';

/** Properties of an `RbdImage`. */
export interface RbdImageProps {
  readonly pool: ICephPool;
  /**
   * Letters, digits, '_', '.' and '-', up to 96; no namespace. Another name is another image.
   * @default - the construct's id
   */
  readonly imageName?: string;
  /**
   * What the image is made from; read once, when it is made.
   * @default ImageSource.blank()
   */
  readonly source?: ImageSource;
  /**
   * Above zero, in whole bytes. It grows on a change, also under a running VM, and is never made smaller.
   * @default - the source's
   */
  readonly size?: Size;
  /**
   * Pool of the data, for instance an erasure-coded one. Read once, when the image is made.
   * @default - the image's pool
   */
  readonly dataPool?: ICephPool;
  /**
   * A power of two from 4 KiB to 32 MiB. Read once, when the image is made.
   * @default - Ceph's, 4 MiB
   */
  readonly objectSize?: Size;
  /**
   * RBD's features: 'layering', 'exclusive-lock', 'object-map', 'fast-diff', 'deep-flatten', 'journaling'. Read once.
   * @default - Ceph's `rbd_default_features`
   */
  readonly features?: string[];
  /**
   * Manage an image of that name that is already there, and keep its data. It decides the default of `removalPolicy` for as
   * long as it stands: taken out, that is TRASH from then on.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * What becomes of the image when the construct leaves the code. An image in use is left where it is, and the apply fails.
   * @default - RemovalPolicy.TRASH; RETAIN where adopted
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * How long the trash keeps the image at least, in whole days or less, above zero.
   * @default Duration.days(30)
   */
  readonly trashExpiry?: Duration;
}
