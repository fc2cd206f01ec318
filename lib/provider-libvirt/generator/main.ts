import { mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { generateFiles } from './files';
import { parseSchema, recordSchema } from './schema';

const home = join(__dirname, '..');
const recorded = join(home, 'schema.json');
const target = join(home, 'generated');

const given = process.argv[2];
if (given) writeFileSync(recorded, recordSchema(readFileSync(given, 'utf8')));

const files = generateFiles(parseSchema(readFileSync(recorded, 'utf8')));
mkdirSync(target, { recursive: true });
for (const name of readdirSync(target)) if (!files.has(name)) rmSync(join(target, name));
for (const [name, text] of files) writeFileSync(join(target, name), text);
process.stdout.write(`${files.size} files in ${target}\n`);
