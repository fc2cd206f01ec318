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
   * What the image is created from; read once, when it is created.
   * @default ImageSource.blank()
   */
  readonly source?: ImageSource;
  /**
   * Above zero, in whole bytes. The image grows with it, even under a running VM, and is never shrunk.
   * @default - the source's
   */
  readonly size?: Size;
  /**
   * Pool for the data, for example an erasure-coded one. Read once, when the image is created.
   * @default - the image's pool
   */
  readonly dataPool?: ICephPool;
  /**
   * A power of two from 4 KiB to 32 MiB. Read once, when the image is created.
   * @default - Ceph's, 4 MiB
   */
  readonly objectSize?: Size;
  /**
   * RBD features: 'layering', 'exclusive-lock', 'object-map', 'fast-diff', 'deep-flatten', 'journaling'. Read once.
   * @default - Ceph's `rbd_default_features`
   */
  readonly features?: string[];
  /**
   * Manage an existing image of that name, and keep its data. Also sets the default of `removalPolicy`: if you remove
   * `adopt`, the default becomes TRASH.
   * @default false
   */
  readonly adopt?: boolean;
  /**
   * What happens to the image when the construct leaves the code. An image in use stays, and the apply fails.
   * @default - RemovalPolicy.TRASH; RETAIN if adopted
   */
  readonly removalPolicy?: RemovalPolicy;
  /**
   * Minimum time that the trash keeps the image, above zero, in whole seconds.
   * @default Duration.days(30)
   */
  readonly trashExpiry?: Duration;
}
