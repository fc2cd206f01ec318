/** Linux's error numbers, which Ceph uses on every machine. */
export const EPERM = 1;
export const ENOENT = 2;
export const EACCES = 13;
export const EBUSY = 16;
export const EEXIST = 17;
export const EINVAL = 22;
export const ENOTEMPTY = 39;
export const ETIMEDOUT = 110;

/** The parts of a `CephError`. */
export interface CephFault {
  /** The command that a person would have typed for it: "rbd snap create vms/web1@a". */
  readonly operation: string;
  readonly errno: number;
  /** In Ceph's words. */
  readonly message: string;
  /** What does not exist, if known. */
  readonly missing?: 'pool';
  /** "on root@mon1" */
  readonly where?: string;
}

/** Ceph did not do what was requested. */
export class CephError extends Error {
  public readonly operation: string;
  public readonly errno: number;
  /** Only in Ceph's words. */
  public readonly said: string;
  public readonly missing?: 'pool';
  public readonly where: string;

  constructor({ operation, errno, message, missing, where = '' }: CephFault) {
    super(`'${operation}'${where === '' ? '' : ` ${where}`} ended with ${errno}: ${message}`);
    this.name = 'CephError';
    this.operation = operation;
    this.errno = errno;
    this.said = message;
    this.missing = missing;
    this.where = where;
  }
}

/** The connection to the cluster itself failed. `errno` is `ETIMEDOUT` if no monitor answered. */
export class CephConnectionError extends CephError {}

/** Whether it is a `CephError` with one of these numbers. */
export function isCephError(error: unknown, ...errnos: readonly number[]): error is CephError {
  return error instanceof CephError && (errnos.length === 0 || errnos.includes(error.errno));
}

/** A named pool does not exist. */
export function isPoolMissing(error: unknown): error is CephError {
  return error instanceof CephError && error.missing === 'pool';
}
