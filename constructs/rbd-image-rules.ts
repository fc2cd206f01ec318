import { type ImageSourceSpec, plainUrl } from '../lib/model';
import { isCarried, known, name, sizeAboveZero, type Rule } from '../lib/validation';
import type { Size } from '../lib/size';
import type { RbdImageProps } from './rbd-image-props';
import { RemovalPolicy } from './removal-policy';

const FEATURES = ['layering', 'exclusive-lock', 'object-map', 'fast-diff', 'deep-flatten', 'journaling', 'striping'];
const KIB = 1024;

/** The name of an image that libvirt 9.0 can open as a disk: without an RBD namespace. */
export function imageNameRule(imageName: string): Rule {
  if (known(imageName) && imageName.includes('/')) {
    return {
      code: 'image-namespace',
      broken: true,
      message: `'imageName' must not have an RBD namespace, which libvirt 9.0 cannot open as a disk, got ${JSON.stringify(imageName)}; use a separate pool`,
    };
  }
  return name('imageName', imageName, 'cephName');
}

interface Checked extends Omit<RbdImageProps, 'source'> {
  readonly imageName: string;
  readonly source: ImageSourceSpec;
}

/** The rules for an image; `parentSize` is known if the parent is in this stack and has a size. */
export function imageRules(props: Checked, parentSize: Size | undefined): Rule[] {
  return [
    imageNameRule(props.imageName),
    ...sizeRules(props, parentSize),
    ...sourceRules(props.source),
    ...policyRules(props),
  ];
}

function sizeRules({ size, objectSize, source }: Checked, parentSize: Size | undefined): Rule[] {
  const bytes = size?._bytes();
  const parentBytes = parentSize?._bytes();
  const objectBytes = objectSize?._bytes();
  return [
    sizeAboveZero('size', size),
    {
      code: 'image-size-missing',
      broken: source.blank === true && size === undefined,
      message: "'size' must be given for a blank image, got none; use, for example, Size.gibibytes(20)",
    },
    {
      code: 'image-smaller-than-parent',
      broken: bytes !== undefined && parentBytes !== undefined && bytes < parentBytes,
      message: `'size' must be at least that of the parent '${String(source.clone ?? source.snapshot)}', ${String(parentSize)}, got ${String(size)}; use ${String(parentSize)} or more`,
    },
    {
      code: 'object-size',
      broken:
        objectBytes !== undefined &&
        !(objectBytes >= 4 * KIB && objectBytes <= 32 * KIB * KIB && Number.isInteger(Math.log2(objectBytes))),
      message: `'objectSize' must be a power of two from 4 KiB to 32 MiB, got ${String(objectSize)}; use 4 MiB`,
    },
  ];
}

function sourceRules(source: ImageSourceSpec): Rule[] {
  const path = source.file ?? source.url;
  const shown = source.file ?? (known(source.url) ? plainUrl(source.url) : undefined);
  return [
    {
      code: 'source-path',
      broken: known(path) && (path === '' || !isCarried(path)),
      message: `'source' must be a file name in Unicode's composed form (NFC), without control characters and without a combining mark right after '<' or '>', got ${JSON.stringify(shown)}; rename it`,
    },
    address('source', source.url, 'use ImageSource.file for a file'),
    address('checksumUrl', source.checksumUrl, "use 'sha256' or 'sha512' for a known checksum"),
    {
      code: 'source-format',
      broken: known(source.format) && !/^[a-z0-9-]{1,32}$/.test(source.format),
      message: `'format' must be one that qemu-img reads, got ${JSON.stringify(source.format)}; use 'qcow2', 'raw', 'vmdk' or 'vhdx'`,
    },
    checksum('sha256', source.sha256, 64),
    checksum('sha512', source.sha512, 128),
  ];
}

/** Headers of the request itself, and those that resuming a download needs. */
const OWN_HEADERS = /^(host|connection|range|if-range|content-length|transfer-encoding|accept-encoding|proxy-.*)$/i;

/** The rules for a request's headers. No message contains a value. */
export function headerRules(headers: { readonly [name: string]: string } = {}): Rule[] {
  const named = (broken: (name: string, value: string) => boolean): string =>
    Object.entries(headers)
      .filter((one) => broken(...one))
      .map(([header]) => JSON.stringify(header))
      .join(', ');
  const malformed = named((header) => !/^[\w!#$%&'*+.^`|~-]+$/.test(header));
  const own = named((header) => OWN_HEADERS.test(header));
  const values = named((_, value) => known(value) && !/^[\t\x20-\x7e]*$/.test(value));
  const rule = (broken: string, message: string): Rule => ({ code: 'source-headers', broken: broken !== '', message });
  return [
    rule(malformed, `'headers' must have valid header names, got ${malformed}; use, for example, 'Authorization'`),
    rule(own, `'headers' must not include what the download sets itself, got ${own}; remove it`),
    rule(values, `'headers' must have values in printable ASCII, got others for ${values}; encode them`),
  ];
}

/** Shows only the parts of the value that cannot be a password. */
function address(prop: string, value: string | undefined, fix: string): Rule {
  const isOne = known(value) && /^https?:\/\/[^/]/.test(value) && URL.canParse(value);
  const shown = known(value) && URL.canParse(value) ? JSON.stringify(plainUrl(value)) : 'something else';
  return {
    code: prop === 'source' ? 'source-url' : 'source-checksum-url',
    broken: known(value) && !isOne,
    message: `'${prop}' must be an http or https URL, got ${shown}; ${fix}`,
  };
}

function checksum(prop: string, value: string | undefined, digits: number): Rule {
  return {
    code: `source-${prop}`,
    broken: known(value) && !new RegExp(`^[0-9a-f]{${digits}}$`).test(value),
    message: `'${prop}' must be ${digits} hexadecimal digits in lower case, got ${JSON.stringify(value)}; '${prop}sum FILE' prints them`,
  };
}

function policyRules({ features, removalPolicy, trashExpiry, adopt }: Checked): Rule[] {
  const unknown = (features ?? []).filter((feature) => known(feature) && !FEATURES.includes(feature));
  const seconds = trashExpiry?._seconds();
  const trashed = removalPolicy === RemovalPolicy.TRASH || (removalPolicy === undefined && adopt !== true);
  return [
    {
      code: 'image-features',
      broken: unknown.length > 0,
      message: `'features' must be among ${FEATURES.join(', ')}, got ${unknown.join(', ')}; remove it`,
    },
    {
      code: 'trash-expiry',
      broken: seconds !== undefined && !(Number.isInteger(seconds) && seconds > 0),
      message: `'trashExpiry' must be above zero, in whole seconds, got ${String(trashExpiry)}; use RemovalPolicy.DELETE to skip the trash`,
    },
    {
      code: 'trash-expiry-policy',
      broken: trashExpiry !== undefined && !trashed,
      message: `'trashExpiry' requires RemovalPolicy.TRASH, got ${removalPolicy ?? RemovalPolicy.RETAIN}; remove one of the two`,
    },
  ];
}
