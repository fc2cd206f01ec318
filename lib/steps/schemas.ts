import * as z from './schema';
import {
  ENTITY,
  IMAGE_SPEC,
  monitorsIn,
  NAME_FORMS,
  parseDuration,
  parseSize,
  SPEC_VERSION,
  SSH_DESTINATION,
  SSH_JUMP_HOST,
  UUID,
  type ObjectSpec,
} from '../model';

/** The shapes of what the scripts receive, checked once more: synth may not have known a value, or never seen it. */
const transport = z.discriminatedUnion('type', [
  z.object({ type: z.literal('local') }),
  z.object({
    type: z.literal('ssh'),
    destination: z.string().regex(SSH_DESTINATION, 'is not an ssh destination'),
    port: z.number().int().min(1).max(65535).optional(),
    identityFile: z.string().optional(),
    jumpHost: z.string().regex(SSH_JUMP_HOST, 'is not an ssh jump host').optional(),
    sudo: z.boolean().optional(),
  }),
  z.object({ type: z.literal('command'), prefix: z.array(z.string()).min(1) }),
]);

/** In the form that VMs get: synth has not seen monitors that only Terraform knows. */
export const monitors = z
  .array(z.string().refine((text) => monitorsIn(text) !== undefined, 'is not a monitor'))
  .min(1)
  .transform((all) => all.flatMap((text) => monitorsIn(text) ?? []));

export const cluster = z.object({
  monitors,
  transport,
  confFile: z.string().optional(),
  adminId: z.string().optional(),
  keyringFile: z.string().optional(),
});

export const host = z.object({ uri: z.string().min(1), transport });

const owner = z.object({ project: z.string().min(1), stack: z.string().min(1), workspace: z.string().min(1) });

export const objectSpec = z.object({ v: z.literal(SPEC_VERSION), owner, entryId: z.string().min(1) });
export const removal = z.object({ v: z.literal(SPEC_VERSION), owner, entryId: z.string() });

/**
 * A schema for each member of a type: what a schema does not name is dropped when a spec is read, so the compiler has
 * to find a forgotten member.
 */
export type ShapeOf<T> = { readonly [K in Exclude<keyof T, keyof ObjectSpec>]-?: z.Schema<T[K]> };

/** Names that Ceph, RBD and libvirt accept without quoting. */
export const cephName = z.string().regex(NAME_FORMS.cephName.pattern, 'is not a name that Ceph accepts');
export const entity = z.string().regex(ENTITY, "is not an entity such as 'client.libvirt'");
export const libvirtName = z.string().regex(NAME_FORMS.libvirtName.pattern, 'is not a name that libvirt accepts');
export const secretUsage = z.string().regex(NAME_FORMS.usage.pattern, 'is not a usage of a secret');
export const imageSpec = z.string().regex(IMAGE_SPEC, 'is not "pool/image"');
export const uuid = z.string().regex(UUID, 'is not a UUID');

export const size = z.string().refine(readable(parseSize), 'is not a size such as "20 GiB"');
export const duration = z.string().refine(readable(parseDuration), 'is not a duration such as "30 days"');

/**
 * A function that accepts what the schema accepts, and otherwise throws an error that names the first invalid field.
 */
export function parser<T>(schema: z.Schema<T>): (json: unknown) => T {
  return (json) => {
    try {
      return schema.parse(json);
    } catch (error) {
      if (!(error instanceof z.ShapeError)) throw error;
      const { path, message } = error.issue;
      throw new TypeError(`the field '${path.join('.')}' of the spec is wrong: ${message}`);
    }
  };
}

function readable(parse: (text: string) => number): (text: string) => boolean {
  return (text) => {
    try {
      return parse(text) > 0;
    } catch {
      return false;
    }
  };
}
