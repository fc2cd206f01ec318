import { Construct } from 'constructs';
import { addressesOf, claim, CommandResource } from '../lib/terraform';
import { isCarried, known, validate, type Rule } from '../lib/validation';
import { LibvirtHost } from './libvirt-host';
import type { ICephClient } from './interfaces';

/** Properties of a `CephClientConfig`. */
export interface CephClientConfigProps {
  readonly host: LibvirtHost;
  readonly client: ICephClient;
  /**
   * Absolute path of the client's log file. QEMU must be allowed to write there (AppArmor, SELinux).
   * @default - none
   */
  readonly logFile?: string;
  /**
   * Absolute path of the client's admin socket. QEMU must be allowed to create it (AppArmor, SELinux).
   * @default - none
   */
  readonly adminSocket?: string;
  /**
   * Absolute path of the configuration file on the host.
   * @default '/etc/ceph/ceph.conf'
   */
  readonly confFile?: string;
}

const CONF_FILE = '/etc/ceph/ceph.conf';

/**
 * The section of a client in a host's Ceph configuration. The rest of the file is kept. VMs read it at their next
 * start.
 *
 * @see https://docs.ceph.com/en/latest/rbd/libvirt/#configuring-ceph
 * @example
 * new CephClientConfig(this, 'config', { host, client, logFile: '/var/log/ceph/qemu-guest.log' });
 */
export class CephClientConfig extends Construct {
  /** @internal */
  public readonly _address: string;

  constructor(scope: Construct, id: string, props: CephClientConfigProps) {
    super(scope, id);
    const host = LibvirtHost._of(props.host, this);
    const { client, logFile, adminSocket, confFile = CONF_FILE } = props;
    validate(this, [
      path('logFile', logFile),
      path('adminSocket', adminSocket),
      path('confFile', confFile),
      {
        code: 'client-config-empty',
        broken: logFile === undefined && adminSocket === undefined,
        message:
          "'logFile' or 'adminSocket' must be given, got neither; remove the construct if there is nothing to configure",
      },
    ]);
    claim(this, `the configuration of '${client.entity}' on ${host._spec().uri}`, 'use one of the two');
    const place = { entity: client.entity, confFile };
    this._address = new CommandResource(this, {
      kind: 'client-config',
      entry: host._clientConfigs.add(client.clientId, () => ({ host: host._spec(), ...place })),
      fields: () => ({ ...place, logFile, adminSocket }),
      context: () => ({ host: host._spec() }),
      after: () => addressesOf(client),
    }).confirmed;
  }
}

function path(prop: string, value: string | undefined): Rule {
  return {
    code: `client-config-${prop.toLowerCase()}`,
    broken: known(value) && (!/^\/[^/\s#;[\]]/.test(value) || /[\s#;]/.test(value) || !isCarried(value)),
    message: `'${prop}' must be an absolute path without spaces, '#' and ';', got ${JSON.stringify(value)}; choose another`,
  };
}
