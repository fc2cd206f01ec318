import type { ClientConfigRemoval, ClientConfigSpec } from '../../model';
import type { Tools } from '../tools';
import { readConfig } from './file';
import { type SplitFile, splitFile } from './section';

/** The configuration of a host, one character per byte, and the client's part of it. */
export interface ConfigWorld {
  readonly content: string;
  readonly file: SplitFile;
}

export async function observe(of: ClientConfigSpec | ClientConfigRemoval, tools: Tools): Promise<ConfigWorld> {
  const content = await readConfig(of.host, of.confFile, tools);
  return { content, file: splitFile(content, of.entity) };
}
