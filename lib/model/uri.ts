import type { TransportSpec } from './connection';

/**
 * virsh's form of a URI: it takes a local socket only as 'qemu+unix:///system?socket=PATH', and its `ssh` is the program
 * that the provider takes by 'qemu+sshcmd://' (by 'qemu+ssh://' it is a client of its own, which reads no ~/.ssh/config).
 */
export function virshUri(uri: string): string {
  if (/^[a-z]+:\/\/\/\w+\?(.*&)?socket=/.test(uri)) return uri.replace('://', '+unix://');
  return uri.replace(/^([a-z]+)\+sshcmd:\/\//, '$1+ssh://');
}

/** The Terraform provider's form (0.9.7): it rejects '+unix' and takes 'qemu:///system?socket=PATH'. */
export function providerUri(uri: string): string {
  return uri.replace(/^([a-z]+)\+unix:\/\//, '$1://');
}

/** How commands on the host are run: over ssh where libvirt goes that way, else where Terraform runs. */
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
