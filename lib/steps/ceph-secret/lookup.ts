import type { CephSecretRemoval, CephSecretSpec } from '../../model';
import { readMark } from '../ownership/config-key';
import { virsh } from '../commands';
import { usersOfSecret } from '../libvirt';
import { type Mark, mayRemove } from '../ownership/mark';
import { ToolError, type Tools } from '../tools';
import { findSecret, type FoundSecret } from './secret';

/** A secret as its host shows it, and what Ceph knows about the key that it should hold. */
export interface SecretWorld {
  readonly found: FoundSecret | undefined;
  /** SHA-256 of the client's key; undefined: Ceph does not know the client. */
  readonly key: string | undefined;
  /**
   * The random id of that key, from the client's mark: it shows that a private secret holds an old key. Blank for a
   * client that is not ours.
   */
  readonly keyId: string;
  /** SHA-256 of what the secret holds; undefined if it has no value, or a private one. */
  readonly held: string | undefined;
}

/** The secret that is to be removed, and what names it. */
export interface LeavingSecretWorld {
  readonly found: FoundSecret | undefined;
  readonly users: readonly string[];
}

export async function observeSecret(spec: CephSecretSpec, tools: Tools): Promise<SecretWorld> {
  const { cluster, entity } = spec;
  const [found, key, keyId] = await Promise.all([
    findSecret(spec, tools),
    tools.ceph(cluster).keyDigest({ entity }),
    currentKeyId(spec, tools),
  ]);
  return { found, key, keyId, held: found && (await heldBy(spec, found, tools)) };
}

export async function currentKeyId({ cluster, entity }: CephSecretSpec, tools: Tools): Promise<string> {
  const mark = await readMark<Mark & { readonly keyId?: string }>(cluster, clientMarkName(entity), tools);
  return mark?.keyId ?? '';
}

/** The key under which the client's mark is kept. */
export function clientMarkName(entity: string): string {
  return `client/${entity.replace(/^client\./, '')}`;
}

/** Undefined if it cannot be read back, or the secret is empty. */
export async function heldBy({ host }: CephSecretSpec, found: FoundSecret, tools: Tools): Promise<string | undefined> {
  if (found.private) return undefined;
  try {
    return await tools.digest(virsh(host, 'secret-get-value', found.uuid));
  } catch (error) {
    if (error instanceof ToolError && error.outcome.stderr.includes('does not have a value')) return undefined;
    throw error;
  }
}

/** Its users are looked up only if it is to be removed: that reads the definitions of all VMs. */
export async function observeLeaving(removal: CephSecretRemoval, tools: Tools): Promise<LeavingSecretWorld> {
  const found = await findSecret(removal, tools);
  const goes = found && removal.removalPolicy !== 'retain' && mayRemove(found.mark, removal, removal.usage);
  return { found, users: goes ? await usersOfSecret(removal.host, removal.usage, found.uuid, tools) : [] };
}
