import type { HostSpec } from '../connection';
import type { ObjectSpec, Removal } from './object';

export interface ClientConfigSpec extends ObjectSpec {
  readonly host: HostSpec;
  readonly entity: string;
  readonly confFile: string;
  readonly logFile?: string;
  readonly adminSocket?: string;
}
export interface ClientConfigRemoval extends Removal {
  readonly host: HostSpec;
  readonly entity: string;
  readonly confFile: string;
}
