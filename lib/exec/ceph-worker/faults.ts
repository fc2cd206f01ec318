import { CephConnectionError, CephError, ETIMEDOUT } from '../../ceph';
import type { TransportSpec } from '../../model';
import { Refusal } from '../../steps/tools';
import { locationOf } from '../location';

/** Ceph accepted a request but did not answer it in time, so the worker was ended. */
export class TimeLimitError extends CephError {
  constructor(operation: string, seconds: number, where: string) {
    super({ operation, errno: ETIMEDOUT, message: `it did not end within ${seconds} seconds and was stopped`, where });
  }
}

export interface MissingModule {
  readonly module: string;
  readonly message: string;
}

const PACKAGES: { readonly [module: string]: string } = {
  ceph: 'ceph-common',
  rados: 'python3-rados',
  rbd: 'python3-rbd',
};

export function missingModules(missing: readonly MissingModule[], python: string, transport: TransportSpec): Refusal {
  const names = missing.map(({ module }) => PACKAGES[module] ?? module).join(' and ');
  const [first] = missing;
  if (first?.module === 'ceph') {
    return new Refusal(
      `the command 'ceph' is missing ${locationOf(transport)}`,
      'install the Debian package ceph-common there (apt-get install ceph-common)',
      'command-missing',
    );
  }
  return new Refusal(
    `${python} ${locationOf(transport)} has no ${missing.map(({ module }) => `'${module}'`).join(' and no ')} (${first?.message})`,
    `install ${names} there, which 'ceph' itself needs (apt-get install ${names})`,
    'python-module-missing',
  );
}

export function noInput(transport: TransportSpec): Refusal {
  const next =
    transport.type === 'command'
      ? `let it pass on its standard input: '${transport.prefix.join(' ')}' may lack '-i' (docker exec -i, podman exec -i, kubectl exec -i)`
      : "make sure that nothing there reads it, such as the shell's profile";
  return new Refusal(
    `the command that was started ${locationOf(transport)} gets no standard input`,
    next,
    'no-standard-input',
  );
}

export function refused(fault: { errno: number; message: string }, stderr: string, where: string): CephError {
  const said = [fault.message, ...lastLines(stderr)].join(' | ');
  return new CephConnectionError({ operation: 'ceph', errno: fault.errno, message: said, where });
}

export function silentConnection(seconds: number, where: string): CephError {
  const message = `no monitor answered within ${seconds} seconds`;
  return new CephConnectionError({ operation: 'ceph', errno: ETIMEDOUT, message, where });
}

/** Without date, thread and level, with which Ceph's libraries begin a line. */
export function lastLines(text: string): string[] {
  const lines = text.split(/[\r\n]+/).filter((line) => line.trim() !== '');
  return lines.slice(-3).map((line) => line.replace(/^\d{4}-\d\d-\d\dT\S+ [0-9a-f]+ +-?\d+ /, '').trim());
}
