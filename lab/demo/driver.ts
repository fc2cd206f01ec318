import { PROVIDER_SOURCE } from '../../lib/provider-libvirt';
import { providerMissing } from '../provider';
import { say } from './report';

/** What creates the VM: as requested, or else the provider if `terraform init` finds it. Says which and why. */
export function chooseDriver(asked: string | undefined): string {
  if (asked !== undefined && asked !== 'virsh' && asked !== 'provider') {
    throw new Error(`'--driver' must be virsh or provider, got '${asked}'`);
  }
  if (asked !== undefined) {
    say(`driver: ${asked}, as asked for`);
    return asked;
  }
  const missing = providerMissing();
  say(
    missing === ''
      ? `driver: provider, as 'terraform init' finds ${PROVIDER_SOURCE}`
      : `driver: virsh, as 'terraform init' does not find ${PROVIDER_SOURCE} from here`,
  );
  return missing === '' ? 'provider' : 'virsh';
}
