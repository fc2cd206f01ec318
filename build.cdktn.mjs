// The library once more, for cdktn: the same sources with its name in place of cdktf's, in dist/cdktn. What has nothing
// to do with either is there once, in dist.
import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';

/** Inside of the project, so that what the sources import is found. */
const SOURCES = 'dist/.cdktn-sources';
const OUT = 'dist/cdktn';
/** A relative module, in compiled code and in types. */
const SPECIFIER = /(?<=(?:from |require\(|import\()['"])\.{1,2}\/?[^'"]*(?=['"])/g;

export function compileForCdktn(tsc) {
  cpSync('constructs', join(SOURCES, 'constructs'), { recursive: true });
  cpSync('lib', join(SOURCES, 'lib'), { recursive: true });
  filesBelow(SOURCES).forEach(rename);
  const config = join(SOURCES, 'tsconfig.json');
  const compilerOptions = { outDir: '../cdktn', rootDir: '.' };
  const include = ['constructs', 'lib/provider-libvirt/index.ts'];
  writeFileSync(
    config,
    JSON.stringify({ extends: '../../tsconfig.build.json', compilerOptions, include, exclude: [] }),
  );
  execFileSync(process.execPath, [tsc, '-p', config], { stdio: 'inherit' });
  rmSync(SOURCES, { recursive: true });
  shareWhatIsTheSame();
}

/** 'cdktf' as a whole string is the toolkit; cdktf.json and cdktf.out are of both. */
function rename(file) {
  if (!file.endsWith('.ts')) return;
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/'cdktf(\/[^']*)?'/g, "'cdktn$1'"));
}

/** Takes out of dist/cdktn the files that import no toolkit, and points the others to their like in dist. */
function shareWhatIsTheSame() {
  const files = filesBelow(OUT).map((file) => resolve(file));
  const own = new Set(files.filter((file) => /['"]cdktn['"/]/.test(readFileSync(file, 'utf8'))));
  for (let before = -1; before !== own.size;) {
    before = own.size;
    files.filter((file) => importsOf(file).some((one) => own.has(one))).forEach((file) => own.add(file));
  }
  own.forEach((file) => writeFileSync(file, withSharedImports(file, own)));
  files.filter((file) => !own.has(file)).forEach((file) => rmSync(file));
}

function withSharedImports(file, own) {
  return readFileSync(file, 'utf8').replace(SPECIFIER, (specifier) => {
    const target = resolveFrom(file, specifier);
    if (own.has(target)) return specifier;
    const shared = relative(dirname(file), join(resolve('dist'), relative(resolve(OUT), target)));
    return shared.replace(/(\.d\.ts|\.js)$/, '');
  });
}

function importsOf(file) {
  return [...readFileSync(file, 'utf8').matchAll(SPECIFIER)].map(([specifier]) => resolveFrom(file, specifier));
}

/** As Node.js does for code, and TypeScript for types. */
function resolveFrom(file, specifier) {
  const kind = file.endsWith('.d.ts') ? '.d.ts' : '.js';
  const base = resolve(dirname(file), specifier);
  const found = [base + kind, join(base, `index${kind}`)].find((one) => existsSync(one));
  if (found === undefined) throw new Error(`${file} imports '${specifier}', which is not there`);
  return found;
}

function filesBelow(folder) {
  mkdirSync(folder, { recursive: true });
  const entries = readdirSync(folder, { withFileTypes: true, recursive: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}
