import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { type TsBlock, tsBlocks } from '../helpers/ts-blocks';

const ROOT = join(__dirname, '../..');
const PAGES = ['README.md', ...readdirSync(join(ROOT, 'docs'), { recursive: true, encoding: 'utf8' }).map(inDocs)];
const BLOCKS = PAGES.filter((page) => page.endsWith('.md')).flatMap(tsBlocks);

/** What a block that imports nothing, as a part of a stack, may use in addition to the package's exports. */
const PREAMBLE = [
  'declare const sha256: string;',
  'declare const ceph: CephCluster;',
  'declare const pool: ICephPool;',
  'declare const host: LibvirtHost;',
  'declare const storage: ICephRbdStoragePool;',
];

function inDocs(file: string): string {
  return `docs/${file}`;
}

/**
 * A block as a separate file; everything added before it is on its first line, so that line numbers are the block's.
 */
function sourceOf({ text }: TsBlock): string {
  if (/^import /m.test(text)) return text;
  const names = ts
    .createSourceFile('index.ts', readFileSync(join(ROOT, 'constructs/index.ts'), 'utf8'), ts.ScriptTarget.Latest)
    .statements.filter(ts.isExportDeclaration)
    .flatMap(({ exportClause }) => (exportClause && ts.isNamedExports(exportClause) ? exportClause.elements : []))
    .map(({ name }) => name.text);
  const imports = `import { ${names.join(', ')} } from 'cdktf-libvirt-ceph'; import { TerraformStack } from 'cdktf';`;
  const start = 'export class Part extends TerraformStack { public build(): void {';
  return `${[imports, ...PREAMBLE, start].join(' ')} ${text}}}\n`;
}

/** All blocks in one program, so that the libraries are read once. Errors by the path of the block. */
function faultsOf(sources: Map<string, string>): Map<string, string[]> {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (file) => ts.sys.readFile(file));
  const { options: project } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [] }, ts.sys, ROOT);
  const options = { ...project, types: [], noUnusedLocals: false, noUnusedParameters: false };
  const host = ts.createCompilerHost(options);
  host.fileExists = (file) => sources.has(file) || ts.sys.fileExists(file);
  host.readFile = (file) => sources.get(file) ?? ts.sys.readFile(file);
  const program = ts.createProgram([...sources.keys()], options, host);
  return new Map(
    [...sources.keys()].map((path) => {
      const file = program.getSourceFile(path);
      const found = [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)];
      return [path, found.map((one) => textOf(one))];
    }),
  );
}

function textOf({ file, start, messageText }: ts.Diagnostic): string {
  const line = file?.getLineAndCharacterOfPosition(start ?? 0).line ?? 0;
  return `line ${line + 1} of the block: ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}

describe('Every ts block of the docs', () => {
  const pathOf = ({ page, line }: TsBlock): string => join(ROOT, `${page}.${line}.ts`);
  let faults = new Map<string, string[]>();
  beforeAll(() => {
    faults = faultsOf(new Map(BLOCKS.map((block) => [pathOf(block), sourceOf(block)])));
  }, 60_000);

  it('is found on every page that has one', () => {
    const fences = PAGES.filter((page) => page.endsWith('.md')).flatMap((page) =>
      [...readFileSync(join(ROOT, page), 'utf8').matchAll(/^ *```(ts|tsx|typescript|js|javascript)\b/gm)].map(
        () => page,
      ),
    );
    expect(BLOCKS.map(({ page }) => page)).toEqual(fences);
    expect(fences).toContain('README.md');
  });

  it.each(BLOCKS)('compiles: $page, line $line', (block) => {
    expect(faults.get(pathOf(block))).toEqual([]);
  });
});
