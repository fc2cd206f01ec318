// cdktf's own snakeCase turns `setFCap` into `set_fcap`: it cannot convert back single letters, which eight of the
// provider's names have.

export function camelCase(name: string): string {
  return name.replace(/_([a-z0-9])/g, (_match, char: string) => char.toUpperCase());
}

export function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (char) => `_${char.toLowerCase()}`);
}
