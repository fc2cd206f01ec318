// Writes API.md from the docstrings of what the package exports; with 'check' it ends with 1 where the page is not
// current.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Application } from 'typedoc';

const PAGE = 'API.md';
const folder = mkdtempSync(join(tmpdir(), 'clc-api-'));
const app = await Application.bootstrapWithPlugins({
  entryPoints: ['constructs/index.ts'],
  tsconfig: 'tsconfig.build.json',
  // The type check has its own phase.
  skipErrorChecking: true,
  plugin: ['typedoc-plugin-markdown'],
  outputs: [{ name: 'markdown', path: folder }],
  // One page, without anything that differs from machine to machine.
  router: 'module',
  readme: 'none',
  disableSources: true,
  hideBreadcrumbs: true,
  hidePageHeader: true,
  excludeInternal: true,
  excludePrivate: true,
  excludeProtected: true,
  excludeExternals: true,
  useCodeBlocks: true,
  parametersFormat: 'table',
  enumMembersFormat: 'table',
  interfacePropertiesFormat: 'table',
  logLevel: 'Warn',
});
const project = await app.convert();
if (project === undefined || app.logger.hasWarnings()) process.exit(1);
await app.generateOutputs(project);
const note = '<!-- Made by npm run api from the docstrings in constructs/. -->\n\n';
const text = note + readFileSync(join(folder, 'README.md'), 'utf8').replace(/^# .*$/m, '# API');
rmSync(folder, { recursive: true });
if (process.argv[2] !== 'check') {
  writeFileSync(PAGE, text);
} else if (readFileSync(PAGE, 'utf8') !== text) {
  console.error(`${PAGE} is not what the docstrings say: npm run api`);
  process.exitCode = 1;
}
