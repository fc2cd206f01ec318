import type { TransportSpec } from './connection';

/**
 * virsh's form of a URI: it accepts a local socket only as 'qemu+unix:///system?socket=PATH', and its `ssh` is the
 * program that the provider uses for 'qemu+sshcmd://' (for 'qemu+ssh://' the provider uses a built-in client that does
 * not read ~/.ssh/config).
 */
export function virshUri(uri: string): string {
  if (/^[a-z]+:\/\/\/\w+\?(.*&)?socket=/.test(uri)) return uri.replace('://', '+unix://');
  return uri.replace(/^([a-z]+)\+sshcmd:\/\//, '$1+ssh://');
}

/** The Terraform provider's form (0.9.7): it rejects '+unix' and accepts 'qemu:///system?socket=PATH'. */
export function providerUri(uri: string): string {
  return uri.replace(/^([a-z]+)\+unix:\/\//, '$1://');
}

/** How to run commands on the host: over ssh if libvirt does, otherwise where Terraform runs. */
export function hostTransport(uri: string): TransportSpec {
  const form =
    /^[a-z]+\+(?:(?:lib)?ssh2?|sshcmd):\/\/(?:(?<user>[^@/]+)@)?(?<host>\[[^\]]+\]|[^:/?]+)(?::(?<port>\d+))?/;
  const { user, host, port } = form.exec(uri)?.groups ?? {};
  if (host === undefined) return { type: 'local' };
  const name = host.replace(/^\[|\]$/g, '');
  const destination = user === undefined ? name : `${user}@${name}`;
  const identityFile = /[?&]keyfile=([^&]+)/.exec(uri)?.[1];
  return {
    type: 'ssh',
    destination,
    ...(port === undefined ? {} : { port: Number(port) }),
    ...(identityFile === undefined ? {} : { identityFile: decodeURIComponent(identityFile) }),
  };
}
