import type { TransportSpec } from '../lib/model';

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
