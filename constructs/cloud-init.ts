import { stableUuid } from '../lib/model';
import type { Piece } from '../lib/seed/template';
import type * as Yaml from '../lib/seed/yaml';
import { known, type Rule } from '../lib/validation';
import { LateValues, seedTextFault, type SeedText } from './seed-text';
import type { SeedContent } from './seed';

/**
 * What cloud-init in the guest is given, on a CD that is an RBD image. Texts are handed on as they are; objects become YAML.
 * A change is read at the guest's next boot, where cloud-init does what it does at every boot; what it does once (users,
 * keys, `runcmd`), it does again when `metaData['instance-id']` is another.
 *
 * @see https://docs.cloud-init.io/en/latest/reference/datasources/nocloud.html
 * @example
 * const cloudInit: CloudInitProps = {
 *   hostname: 'web1',
 *   sshAuthorizedKeys: ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIB3v0Wq1 me@example.org'],
 *   userData: { packages: ['nginx'], runcmd: [['systemctl', 'enable', '--now', 'nginx']] },
 * };
 */
export interface CloudInitProps {
  /**
   * The guest's name, up to 253 letters, digits, '-' and '.'.
   * @default - the VM's name, where that can be a host's
   */
  readonly hostname?: string;
  /**
   * Public keys of the image's default user. Where `userData` has `users`, give each its own there.
   * @default - none
   */
  readonly sshAuthorizedKeys?: string[];
  /**
   * User data: an object, which becomes '#cloud-config', or a text in any form that cloud-init knows. A value that only the
   * apply has (a `TerraformVariable`'s `stringValue`) may stand in a text or be a text of the object.
   * @default - empty
   * @see https://docs.cloud-init.io/en/latest/explanation/format.html
   */
  readonly userData?: string | { [key: string]: unknown };
  /**
   * Network configuration; an object without `version` is taken for version 2.
   * @default - cloud-init's own: DHCP on the first interface
   * @see https://docs.cloud-init.io/en/latest/reference/network-config-format-v2.html
   */
  readonly networkConfig?: string | { [key: string]: unknown };
  /**
   * Meta data beside that which is made: 'instance-id' (the VM's UUID), 'local-hostname', 'public-keys'. What is given wins.
   * @default - none
   */
  readonly metaData?: { [key: string]: unknown };
  /**
   * Vendor data, in the forms of `userData`, which goes before it.
   * @default - none
   */
  readonly vendorData?: string | { [key: string]: unknown };
}

const CLOUD_CONFIG = '#cloud-config\n';
const HOST_NAME = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const PUBLIC_KEY = /^(\S.* )?(ssh|ecdsa|sk-ssh|sk-ecdsa)-[\w@.-]+ AAAA[\w+/]+=*( [^\n]*)?$/;

/** The files that cloud-init's data source NoCloud looks for. */
export function cloudInitContent(vmName: string, props: CloudInitProps): SeedContent {
  const values = new LateValues();
  const text = (given: SeedText | undefined, header = ''): Piece[] =>
    typeof given === 'string' ? values.text(given) : values.object(given ?? {}, yaml, header);
  const { userData, networkConfig, vendorData } = props;
  return {
    values,
    files: {
      'meta-data': values.object(metaDataOf(vmName, props), yaml),
      'user-data': text(userData, CLOUD_CONFIG),
      ...(networkConfig === undefined ? {} : { 'network-config': text(withVersion(networkConfig)) }),
      ...(vendorData === undefined ? {} : { 'vendor-data': text(vendorData, CLOUD_CONFIG) }),
    },
  };
}

/** The library is loaded only where an object is rendered: it costs time at load. */
function yaml(value: object, mark: string): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it at every synth
  const library = require('../lib/seed/yaml') as typeof Yaml;
  return library.toYaml(value, mark);
}

function metaDataOf(vmName: string, { hostname, sshAuthorizedKeys = [], metaData }: CloudInitProps): object {
  const name = hostname ?? (HOST_NAME.test(vmName) ? vmName : undefined);
  return {
    'instance-id': instanceId(vmName),
    ...(name === undefined ? {} : { 'local-hostname': name }),
    ...(sshAuthorizedKeys.length > 0 ? { 'public-keys': sshAuthorizedKeys.map((key) => key.trim()) } : {}),
    ...metaData,
  };
}

/** The same for as long as the VM has its name: cloud-init takes another for another machine, and makes new host keys. */
export function instanceId(vmName: string): string {
  return stableUuid('domain', vmName);
}

function withVersion(config: SeedText): SeedText {
  const isPlain = typeof config === 'string' || 'version' in config || 'network' in config;
  return isPlain ? config : { version: 2, ...config };
}

/** The rules of what cloud-init is given. No message holds a text: it may be a secret. */
export function cloudInitRules({ hostname, sshAuthorizedKeys = [], ...texts }: CloudInitProps): Rule[] {
  const { userData, vendorData, networkConfig, metaData } = texts;
  const keys = known(sshAuthorizedKeys) ? sshAuthorizedKeys : [];
  const badKey = keys.findIndex((key) => known(key) && !PUBLIC_KEY.test(key.trim()));
  const version = typeof networkConfig === 'object' ? networkConfig['version'] : undefined;
  return [
    {
      code: 'hostname-form',
      broken: known(hostname) && !HOST_NAME.test(hostname),
      message: `'hostname' must be letters, digits and '-', in parts of up to 63 with '.' between, got ${JSON.stringify(hostname)}; use 'web1'`,
    },
    {
      code: 'ssh-key-form',
      broken: badKey >= 0,
      message: `'sshAuthorizedKeys' must be public keys, one line each as in 'id_ed25519.pub', and number ${badKey + 1} is none; give the file's text, not its name`,
    },
    ...Object.entries({ userData, vendorData, networkConfig, metaData, sshAuthorizedKeys }).map(([prop, value]) =>
      textRule(prop, value),
    ),
    headerRule('userData', userData),
    headerRule('vendorData', vendorData),
    {
      code: 'network-config-version',
      broken: version !== undefined && version !== 1 && version !== 2,
      message: `'networkConfig' must have the 'version' 1 or 2, got ${JSON.stringify(version)}; leave it out for 2`,
    },
  ];
}

/** That a text, or each text of an object, can cross. */
export function textRule(prop: string, value: unknown): Rule {
  const fault = seedTextFault(value);
  return {
    code: `${prop.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-value`,
    broken: fault !== undefined,
    message: `'${prop}' must be made of texts, plain numbers, true, false and null, in lists and objects, and ${fault ?? 'it is'}; change it, or give the whole as text`,
  };
}

function headerRule(prop: string, value: unknown): Rule {
  return {
    code: `${prop.replace('D', '-d')}-header`,
    broken: typeof value === 'string' && !/^(#|content-type:|mime-version:|\$\{TfToken)/i.test(value),
    message: `'${prop}' must begin with what cloud-init knows it by, such as '#cloud-config' or '#!/bin/sh', or it is ignored in the guest; put that in its first line, or give an object`,
  };
}
