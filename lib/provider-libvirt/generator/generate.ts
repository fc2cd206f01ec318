import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateFiles } from './files';
import { parseSchema, recordSchema } from './schema';

/**
 * Writes the types of the schema recorded in a folder, or first records the given schema. Returns the number of files.
 * Everything is generated before anything is written, so a schema that is refused leaves the folder as it was.
 */
export function generate(home: string, given?: string): number {
  const recorded = join(home, 'schema.json');
  const target = join(home, 'generated');
  const schema = given === undefined ? readFileSync(recorded, 'utf8') : recordSchema(readFileSync(given, 'utf8'));
  const files = generateFiles(parseSchema(schema));

  if (given !== undefined) writeFileSync(recorded, schema);
  mkdirSync(target, { recursive: true });
  for (const name of readdirSync(target)) if (!files.has(name)) rmSync(join(target, name));
  for (const [name, text] of files) writeFileSync(join(target, name), text);
  return files.size;
}
