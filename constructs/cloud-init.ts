import { stableUuid } from '../lib/model';
import type { Piece } from '../lib/seed/template';
import type * as Yaml from '../lib/seed/yaml';
import { known, type Rule } from '../lib/validation';
import { LateValues, seedTextFault, type SeedText } from './seed-text';
import type { SeedContent } from './seed';

/**
 * What cloud-init in the guest gets, on a CD that is an RBD image. Strings are passed as they are; objects become YAML.
 * The guest reads a change at its next boot, when cloud-init repeats what it does at every boot. It repeats what it
 * does once (users, keys, `runcmd`) only when `metaData['instance-id']` changes.
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
   * The guest's host name, up to 253 letters, digits, '-' and '.'.
   * @default - the VM's name, if it is a valid host name
   */
  readonly hostname?: string;
  /**
   * Public keys for the image's default user. If `userData` has `users`, give their keys there.
   * @default - none
   */
  readonly sshAuthorizedKeys?: string[];
  /**
   * User data: an object, which becomes '#cloud-config', or a string in any format that cloud-init supports. A value
   * that is only known at apply (a `TerraformVariable`'s `stringValue`) may be part of a string, or a string in the
   * object.
   * @default - empty
   * @see https://docs.cloud-init.io/en/latest/explanation/format.html
   */
  readonly userData?: string | { [key: string]: unknown };
  /**
   * Network configuration; an object without `version` counts as version 2.
   * @default - cloud-init's default: DHCP on the first interface
   * @see https://docs.cloud-init.io/en/latest/reference/network-config-format-v2.html
   */
  readonly networkConfig?: string | { [key: string]: unknown };
  /**
   * Meta data in addition to what is generated: 'instance-id' (the VM's UUID), 'local-hostname', 'public-keys'. Your
   * values take precedence.
   * @default - none
   */
  readonly metaData?: { [key: string]: unknown };
  /**
   * Vendor data, in the formats of `userData`, which overrides it.
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
function yaml(value: object, placeholder: string): string {
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- an import would load it at every synth
  const library = require('../lib/seed/yaml') as typeof Yaml;
  return library.toYaml(value, placeholder);
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

/**
 * Stable as long as the VM keeps its name: cloud-init treats another id as a new machine, and generates new host keys.
 */
export function instanceId(vmName: string): string {
  return stableUuid('domain', vmName);
}

function withVersion(config: SeedText): SeedText {
  const isPlain = typeof config === 'string' || 'version' in config || 'network' in config;
  return isPlain ? config : { version: 2, ...config };
}

/** The rules for cloud-init's input. No message contains a text: it may be a secret. */
export function cloudInitRules({ hostname, sshAuthorizedKeys = [], ...texts }: CloudInitProps): Rule[] {
  const { userData, vendorData, networkConfig, metaData } = texts;
  const keys = known(sshAuthorizedKeys) ? sshAuthorizedKeys : [];
  const badKey = keys.findIndex((key) => known(key) && !PUBLIC_KEY.test(key.trim()));
  const version = typeof networkConfig === 'object' ? networkConfig['version'] : undefined;
  return [
    {
      code: 'hostname-form',
      broken: known(hostname) && !HOST_NAME.test(hostname),
      message: `'hostname' must be letters, digits and '-', in parts of up to 63 separated by '.', got ${JSON.stringify(hostname)}; use 'web1'`,
    },
    {
      code: 'ssh-key-form',
      broken: badKey >= 0,
      message: `'sshAuthorizedKeys' must be public keys, one line each as in 'id_ed25519.pub', but number ${badKey + 1} is not; give the file's content, not its name`,
    },
    ...Object.entries({ userData, vendorData, networkConfig, metaData, sshAuthorizedKeys }).map(([prop, value]) =>
      textRule(prop, value),
    ),
    headerRule('userData', userData),
    headerRule('vendorData', vendorData),
    {
      code: 'network-config-version',
      broken: version !== undefined && version !== 1 && version !== 2,
      message: `'networkConfig' must have the 'version' 1 or 2, got ${JSON.stringify(version)}; omit it for 2`,
    },
  ];
}

/** The rule that a text, or each text of an object, can be passed on unchanged. */
export function textRule(prop: string, value: unknown): Rule {
  const fault = seedTextFault(value);
  return {
    code: `${prop.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}-value`,
    broken: fault !== undefined,
    message: `'${prop}' must consist of strings, plain numbers, true, false and null, in lists and objects, but ${fault ?? 'it does not'}; change it, or give all of it as a string`,
  };
}

function headerRule(prop: string, value: unknown): Rule {
  return {
    code: `${prop.replace('D', '-d')}-header`,
    broken: typeof value === 'string' && !/^(#|content-type:|mime-version:|\$\{TfToken)/i.test(value),
    message: `'${prop}' must begin with a header that cloud-init recognizes, such as '#cloud-config' or '#!/bin/sh', or the guest ignores it; put one in its first line, or give an object`,
  };
}
