import type { TransportSpec } from '../lib/model';
import { isCarried, known, text, wholeNumber, type Rule } from '../lib/validation';

/** How an `ssh` transport connects. */
export interface SshTransportOptions {
  /**
   * TCP port, 1 to 65535.
   * @default - ssh's own configuration decides
   */
  readonly port?: number;
  /**
   * Private key file on the machine where Terraform runs.
   * @default - ssh's own configuration decides
   */
  readonly identityFile?: string;
  /**
   * Host to go through, as `ssh -J` takes it.
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
 * How `ceph` and `rbd` (and the few commands on a libvirt host) are run. A change of it touches nothing that exists.
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

  /** Over ssh, without a prompt; every word is quoted for the shell there. */
  public static ssh(destination: string, options: SshTransportOptions = {}): Transport {
    return new Transport({ type: 'ssh', destination, ...options });
  }

  /** Behind a prefix: `['kubectl', 'exec', '-i', 'deploy/rook-ceph-tools', '--']`. It must pass standard input on. */
  public static command(prefix: string[]): Transport {
    return new Transport({ type: 'command', prefix: [...prefix] });
  }

  private constructor(private readonly spec: TransportSpec) {}

  /** @internal */
  public _spec(): TransportSpec {
    return this.spec;
  }
}

/** What the commands take to reach a machine; `prop` is where it stands. */
export function transportRules(prop: string, transport: TransportSpec): Rule[] {
  if (transport.type === 'local') return [];
  if (transport.type === 'command') {
    return [
      {
        code: 'transport-prefix-empty',
        broken: transport.prefix.length === 0,
        message: `'${prop}' must be at least one word that commands go behind, got none; use Transport.local() for none`,
      },
      ...transport.prefix.map((word) => text(prop, word)),
    ];
  }
  const { destination, port, identityFile, jumpHost } = transport;
  return [
    {
      code: 'transport-destination-form',
      broken: known(destination) && !(/^[^-\s]\S*$/.test(destination) && isCarried(destination)),
      message: `'${prop}' must go to a destination of ssh without spaces, not starting with '-', got ${JSON.stringify(destination)}; use 'root@mon1', say`,
    },
    {
      code: 'transport-jump-host-form',
      broken: known(jumpHost) && !/^[\w[][\w.@:,/%[\]-]*$/.test(jumpHost),
      message: `'${prop}' must have a jumpHost as 'ssh -J' takes it, got ${JSON.stringify(jumpHost)}; use 'root@gate', say`,
    },
    wholeNumber(`${prop} port`, port, 1, 65535, 'leave it out for that of the configuration of ssh'),
    text(`${prop} identityFile`, identityFile),
  ];
}
