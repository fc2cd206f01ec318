/** Marks an object as an instance of one of our classes: `instanceof` fails across two copies of a library. */
export function setClassSymbol(object: object, className: string): void {
  Object.defineProperty(object, symbolOf(className), { value: true });
}

/** True for an object that `setClassSymbol` marked with the same name. */
export function hasClassSymbol(object: unknown, className: string): boolean {
  return typeof object === 'object' && object !== null && symbolOf(className) in object;
}

function symbolOf(className: string): symbol {
  return Symbol.for(`cdktf-libvirt-ceph.${className}`);
}
