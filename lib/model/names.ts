interface Form {
  readonly pattern: RegExp;
  readonly rule: string;
}

const PART = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,95}';

/** Names that Ceph, RBD and libvirt all accept unquoted: in capability strings, image specs, file names and XML. */
export const NAME_FORMS = {
  cephName: {
    pattern: new RegExp(`^${PART}$`),
    rule: "1 to 96 letters, digits, '_', '.' or '-', not starting with '.' or '-'",
  },
  libvirtName: {
    pattern: /^[A-Za-z0-9_][A-Za-z0-9_.+-]{0,95}$/,
    rule: "1 to 96 letters, digits, '_', '.', '+' or '-', starting with a letter, a digit or '_'",
  },
  usage: {
    pattern: /^[A-Za-z0-9_][A-Za-z0-9_.:@+ -]{0,126}[A-Za-z0-9_.:@+-]$/,
    rule: "2 to 128 letters, digits, spaces or any of '_.:@+-', not starting or ending with a space",
  },
} as const satisfies { [form: string]: Form };
export type NameForm = keyof typeof NAME_FORMS;

/** "pool/image" */
export const IMAGE_SPEC = new RegExp(`^${PART}/${PART}$`);
/** "pool/image@snapshot" */
export const SNAPSHOT_SPEC = new RegExp(`^${PART}/${PART}@${PART}$`);

/** "client.libvirt" */
export const ENTITY = new RegExp(`^client\\.${PART}$`);

/** "vda" */
export const DISK_TARGET = /^(vd|sd|hd|xvd)[a-z]{1,2}$/;

/** Parses "pool/image" or "pool/image@snapshot"; for any other text the pool and the name are ''. */
export function parseImageSpec(text: string): {
  readonly pool: string;
  readonly name: string;
  readonly snapshot?: string;
} {
  const [, pool = '', name = '', snapshot] = /^([^/@]+)\/([^/@]+)(?:@([^/@]+))?$/.exec(text) ?? [];
  return { pool, name, snapshot };
}
