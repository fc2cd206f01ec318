import { type TransportSpec, SSH_DESTINATION, SSH_JUMP_HOST } from '../lib/model';
import { isCarried, known, text, wholeNumber, type Rule } from '../lib/validation';

/** How an `ssh` transport connects. */
export interface SshTransportOptions {
  /**
   * TCP port, 1 to 65535.
   * @default - from ssh's configuration
   */
  readonly port?: number;
  /**
   * Private key file on the machine where Terraform runs.
   * @default - from ssh's configuration
   */
  readonly identityFile?: string;
  /**
   * Jump host, in the form of `ssh -J`.
   * @default - none
   */
  readonly jumpHost?: string;
  /**
   * Run the commands through `sudo -n`.
   * @default false
   */
  readonly sudo?: boolean;
}

/**
 * How to run `ceph` and `rbd`, and the few commands on a libvirt host. A change touches nothing that exists.
 *
 * @example
 * Transport.ssh('root@mon1');
 * Transport.command(['cephadm', 'shell', '--']);
 */
export class Transport {
  /** On the machine where Terraform runs. */
  public static local(): Transport {
    return new Transport({ type: 'local' });
  }

  /** Over ssh, without prompts; every word is quoted for the remote shell. */
  public static ssh(destination: string, options: SshTransportOptions = {}): Transport {
    return new Transport({ type: 'ssh', destination, ...options });
  }

  /**
   * Behind a prefix: `['kubectl', 'exec', '-i', 'deploy/rook-ceph-tools', '--']`, which must pass on standard input.
   */
  public static command(prefix: string[]): Transport {
    return new Transport({ type: 'command', prefix: [...prefix] });
  }

  private constructor(private readonly spec: TransportSpec) {}

  /** @internal */
  public _spec(): TransportSpec {
    return this.spec;
  }
}

/** The rules for a transport; `prop` is the prop that it comes from. */
export function transportRules(prop: string, transport: TransportSpec): Rule[] {
  if (transport.type === 'local') return [];
  if (transport.type === 'command') {
    return [
      {
        code: 'transport-prefix-empty',
        broken: transport.prefix.length === 0,
        message: `'${prop}' must have at least one word before the commands, got none; use Transport.local() for none`,
      },
      ...transport.prefix.map((word) => text(prop, word)),
    ];
  }
  const { destination, port, identityFile, jumpHost } = transport;
  return [
    {
      code: 'transport-destination-form',
      broken: known(destination) && !(SSH_DESTINATION.test(destination) && isCarried(destination)),
      message: `'${prop}' must be an ssh destination without spaces, not starting with '-', got ${JSON.stringify(destination)}; use, for example, 'root@mon1'`,
    },
    {
      code: 'transport-jump-host-form',
      broken: known(jumpHost) && !SSH_JUMP_HOST.test(jumpHost),
      message: `'${prop}' must have a jumpHost in the form of 'ssh -J', got ${JSON.stringify(jumpHost)}; use, for example, 'root@gate'`,
    },
    wholeNumber(`${prop} port`, port, 1, 65535, "omit it to use the port from ssh's configuration"),
    text(`${prop} identityFile`, identityFile),
  ];
}
