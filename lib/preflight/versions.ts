import { type Found, fails, warns } from './finding';

export type Version = readonly [major: number, minor: number, patch: number];

/** The first version in a text, "ceph version 16.2.15 (...)"; undefined if there is none. */
export function versionIn(text: string): Version | undefined {
  const [, major, minor, patch] = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(text) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch ?? 0)];
}

export function isBelow(version: Version, limit: Version): boolean {
  const at = version.findIndex((part, index) => part !== limit[index]);
  return at >= 0 && (version[at] ?? 0) < (limit[at] ?? 0);
}

export const textOf = (version: Version): string => version.join('.');

/** What the machine where Terraform runs needs. */
export const TERRAFORM: Version = [1, 5, 0];
export const NODE: Version = [20, 19, 0];

/**
 * From this version on, librados refuses the option `auth_supported`, which libvirt's storage driver sets
 * (apache/cloudstack#13989).
 */
const NO_AUTH_SUPPORTED: Version = [20, 2, 4];

/** Clusters that may make keys of type aes256k: since 19.2.6 and, in the next release, since 20.2.4. */
function makesLongKeys(version: Version): boolean {
  return version[0] === 19 ? !isBelow(version, [19, 2, 6]) : !isBelow(version, [20, 2, 4]);
}

/** Incompatible versions on one host. */
export function brokenPairs(
  librados: Version | undefined,
  cluster: Version | undefined,
  storagePools: readonly string[],
): Found[] {
  if (librados === undefined) return [];
  const has = `librados ${textOf(librados)}`;
  return [
    ...(storagePools.length > 0 && !isBelow(librados, NO_AUTH_SUPPORTED)
      ? [
          fails(
            `${has} rejects an option that libvirt sets for storage pools with cephx: '${storagePools.join("', '")}' cannot start`,
            'install a librados2 older than 20.2.4 there, or give the VMs `secret` and images in place of `storage`: they need no storage pool',
          ),
        ]
      : []),
    ...(cluster !== undefined && makesLongKeys(cluster) && !makesLongKeys(librados)
      ? [
          warns(
            `${has} may not read the keys of type aes256k that this cluster (${textOf(cluster)}) makes`,
            `apt-get install librados2, from the cluster's release`,
          ),
        ]
      : []),
  ];
}
