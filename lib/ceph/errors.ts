/** Numbers of Linux, as Ceph gives them on every machine. */
export const EPERM = 1;
export const ENOENT = 2;
export const EACCES = 13;
export const EBUSY = 16;
export const EEXIST = 17;
export const EINVAL = 22;
export const ENOTEMPTY = 39;
export const ETIMEDOUT = 110;

/** What a `CephError` knows. */
export interface CephFault {
  /** The command that a person would have typed for it: "rbd snap create vms/web1@a". */
  readonly operation: string;
  readonly errno: number;
  /** In Ceph's words. */
  readonly message: string;
  /** What is not there, where that can be told. */
  readonly missing?: 'pool';
  /** "on root@mon1" */
  readonly where?: string;
}

/** Ceph did not do what it was asked to. */
export class CephError extends Error {
  public readonly operation: string;
  public readonly errno: number;
  /** In Ceph's words alone. */
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

/** The connection to the cluster itself was not made. `errno` is `ETIMEDOUT` where no monitor answered. */
export class CephConnectionError extends CephError {}

/** It is a `CephError` of one of these numbers. */
export function isCephError(error: unknown, ...errnos: readonly number[]): error is CephError {
  return error instanceof CephError && (errnos.length === 0 || errnos.includes(error.errno));
}

/** A pool that was named is not there. */
export function isPoolMissing(error: unknown): error is CephError {
  return error instanceof CephError && error.missing === 'pool';
}
