/** Marks an object as of a class of ours: `instanceof` fails where two copies of a library meet. */
export function brand(object: object, className: string): void {
  Object.defineProperty(object, symbolOf(className), { value: true });
}

/** True for what `brand` marked with the same name. */
export function hasBrand(object: unknown, className: string): boolean {
  return typeof object === 'object' && object !== null && symbolOf(className) in object;
}

function symbolOf(className: string): symbol {
  return Symbol.for(`cdktf-libvirt-ceph.${className}`);
}
