import { join } from 'node:path';
import { generate } from './generate';

const count = generate(join(__dirname, '..'), process.argv[2]);
process.stdout.write(`${count} files in lib/provider-libvirt/generated\n`);
