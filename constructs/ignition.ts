import { Token } from 'cdktf';
import type { Rule } from '../lib/validation';
import { instanceId, textRule } from './cloud-init';
import { LateValues, type SeedText } from './seed-text';
import type { SeedContent } from './seed';

/**
 * An Ignition config as user data on a CD 'cidata', which Ignition reads on its platforms `proxmoxve` and `kubevirt`.
 * Not through fw_cfg, which needs a file on every host that the VM may move to, nor on a disk with the serial
 * 'ignition', which it only looks for on s390x and ppc64le (2.2x).
 */
export function ignitionContent(vmName: string, config: SeedText): SeedContent {
  const values = new LateValues();
  const json = (value: object): string => `${JSON.stringify(value, undefined, 2)}\n`;
  return {
    values,
    files: {
      'meta-data': [`instance-id: ${instanceId(vmName)}\n`],
      'user-data': typeof config === 'string' ? values.text(config, true) : values.object(config, json),
    },
  };
}

/** The rules of an Ignition config. No message contains any of its text. */
export function ignitionRules(config: SeedText): Rule[] {
  return [
    textRule('ignition', config),
    {
      code: 'ignition-form',
      broken: !Token.isUnresolved(config) && versionOf(config) === undefined,
      message:
        "'ignition' must be an Ignition config, JSON with 'ignition.version'; 'butane --strict' makes one from Butane's YAML",
    },
  ];
}

function versionOf(config: SeedText): unknown {
  try {
    const parsed = (typeof config === 'string' ? JSON.parse(config) : config) as { ignition?: { version?: unknown } };
    return parsed.ignition?.version;
  } catch {
    return undefined;
  }
}
