import type { ClientConfigRemoval, ClientConfigSpec } from '../../model';
import type { Tools } from '../tools';
import { readConfig } from './file';
import { type SplitFile, splitFile } from './section';

/** The configuration of a host, as one character a byte, and what of it is the client's. */
export interface ConfigWorld {
  readonly content: string;
  readonly file: SplitFile;
}

export async function observe(of: ClientConfigSpec | ClientConfigRemoval, tools: Tools): Promise<ConfigWorld> {
  const content = await readConfig(of.host, of.confFile, tools);
  return { content, file: splitFile(content, of.entity) };
}
