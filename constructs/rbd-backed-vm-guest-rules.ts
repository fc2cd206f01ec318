import type { Rule } from '../lib/validation';
import { cloudInitRules } from './cloud-init';
import { ignitionRules } from './ignition';
import type { RbdBackedVmProps } from './rbd-backed-vm-props';

/** The rules for what the guest gets at boot. */
export function guestRules({ cloudInit, ignition, ignitionFile }: RbdBackedVmProps): Rule[] {
  return [
    {
      code: 'cloud-init-or-ignition',
      broken: cloudInit !== undefined && ignition !== undefined,
      message: "'cloudInit' must not be combined with 'ignition', because a guest reads only one of them; remove one",
    },
    {
      code: 'ignition-twice',
      broken: ignition !== undefined && ignitionFile !== undefined,
      message:
        "'ignition' must not be combined with 'ignitionFile', because a guest reads only one of them; remove one",
    },
    ...(cloudInit === undefined ? [] : cloudInitRules(cloudInit)),
    ...(ignition === undefined ? [] : ignitionRules(ignition)),
  ];
}
