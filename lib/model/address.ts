const TYPE = 'terraform_data.';
const SPEC = '_spec';

/**
 * The address of a construct's spec, "terraform_data.web1_spec" for 'web1': a change replaces the spec, never the
 * object.
 */
export function specAddress(name: string): string {
  return `${TYPE}${name}${SPEC}`;
}

/** The name in the address of a spec, with or without its type: 'web1' for "web1_spec"; undefined for any other. */
export function nameOfSpec(address: string): string | undefined {
  const id = address.startsWith(TYPE) ? address.slice(TYPE.length) : address;
  return id.endsWith(SPEC) ? id.slice(0, -SPEC.length) : undefined;
}

/** The local value with the entries of a registry, by the registry's id: "entries_kvm1_domains". */
export function entriesOf(registry: string): string {
  return `entries_${registry}`;
}
