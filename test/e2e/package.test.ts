import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, sep } from 'node:path';
import {
  asHere,
  compile,
  filesBelow,
  initProject,
  install,
  makeProject,
  pack,
  publishedFiles,
  repository,
  resources,
  ROOT,
  run,
  synthAsInitSays,
  synthesized,
} from '../helpers/package-project';
import { expectValidForProvider } from '../helpers/provider-schema';
import { firstTsBlock } from '../helpers/ts-blocks';

const MEGABYTES = 1_000_000;
const folder = mkdtempSync(join(tmpdir(), 'package-'));
const source = join(folder, 'source');
const project = join(folder, 'project');
const ofCdktn = join(folder, 'of-cdktn');
const installed = (of: string): string => join(of, 'node_modules/cdktf-libvirt-ceph');
const node = (script: string): string => run(project, process.execPath, '-e', script);

/** As a user of cdktn would write it. */
const forCdktn = (text: string): string =>
  text.replaceAll("'cdktf'", "'cdktn'").replace(/'cdktf-libvirt-ceph(?=['/])/g, "'cdktf-libvirt-ceph/cdktn");

/** Runs `main.ts` in the project with a command and returns what it synthesized. */
function synthesizedBy(cwd: string, ...command: [string, ...string[]]): unknown[] {
  rmSync(join(cwd, 'cdktf.out'), { recursive: true, force: true });
  run(cwd, ...command);
  return resources(cwd);
}

beforeAll(async () => {
  const byCdktf = initProject(project, join(ROOT, 'node_modules/cdktf-cli/bundle/bin/cdktf.js'));
  // Its command line needs a newer Node.js than this package.
  const cli = makeProject(join(folder, 'cli'), {}, ['cdktn-cli@~0.24.0', 'node@22']);
  const modules = join(cli, 'node_modules');
  const byCdktn = initProject(ofCdktn, join(modules, 'cdktn-cli/bundle/bin/cdktn.js'), join(modules, 'node/bin/node'));
  await Promise.all([byCdktf, byCdktn]);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("The package in a project of 'cdktf init'", () => {
  beforeAll(() => {
    // ts-node, with which the template synthesizes, does not run with the TypeScript 7 that it installs.
    install(project, pack(source), 'typescript@5.9');
    writeFileSync(join(project, 'main.ts'), firstTsBlock('README.md'));
  });

  it("compiles the README's stack as the template sets it up and synthesizes it, with the script", () => {
    synthAsInitSays(project);
    const scripts = synthesized(project, 'exec.cjs');
    expect(scripts).toHaveLength(1);
    const packed = readFileSync(join(installed(project), 'dist/lib/exec.cjs'));
    expect(readFileSync(scripts[0] ?? '').equals(packed)).toBe(true);
    const [file = ''] = synthesized(project, 'cdk.tf.json');
    expect(readFileSync(file, 'utf8')).toContain('"libvirt_domain"');
  });

  it('synthesizes the same with tsx, with ts-node and types, and as an ES module', () => {
    const byTemplate = resources(project);
    expect(byTemplate).toHaveLength(1);
    compile(project);
    const compiled = synthesizedBy(project, process.execPath, 'main.js');
    expect(compiled).toEqual(byTemplate);
    rmSync(join(project, 'main.js'));
    const tsNode = join(project, 'node_modules/ts-node/dist/bin.js');
    expect(synthesizedBy(project, process.execPath, tsNode, 'main.ts')).toEqual(compiled);
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
    expect(synthesizedBy(project, process.execPath, tsx, 'main.ts')).toEqual(compiled);
    const esModule = join(project, 'es-module');
    mkdirSync(esModule);
    cpSync(join(project, 'main.ts'), join(esModule, 'main.ts'));
    writeFileSync(join(esModule, 'package.json'), '{ "type": "module" }');
    compile(esModule, { module: 'node16', moduleResolution: 'node16', target: 'ES2022', lib: ['ES2022'] });
    expect(readFileSync(join(esModule, 'main.js'), 'utf8')).toMatch(/^import /m);
    expect(synthesizedBy(esModule, process.execPath, 'main.js')).toEqual(compiled);
  });

  it("compiles the stack on the page of the bindings through the package's entry point for them and synthesizes it", () => {
    const bindings = join(project, 'bindings');
    mkdirSync(bindings);
    writeFileSync(join(bindings, 'main.ts'), firstTsBlock('docs/provider-bindings.md'));
    compile(bindings);
    run(bindings, process.execPath, 'main.js');
    const text = readFileSync(join(bindings, 'cdktf.out/stacks/web/cdk.tf.json'), 'utf8');
    // A provider, a network, a domain and its addresses.
    expect(expectValidForProvider(text)).toBe(4);
    expect(text).toContain('${data.libvirt_domain_interface_addresses.addresses.interfaces[0].addrs[0].addr}');
  });

  it('has a script that runs without node_modules, and a command', () => {
    const [script = ''] = synthesized(project, 'exec.cjs');
    cpSync(script, join(folder, 'exec.cjs'));
    expect(() => run(folder, process.execPath, 'exec.cjs', 'no-such-kind', 'ensure')).toThrow(/no-such-kind/);
    expect(run(project, 'npx', '--no-install', 'cdktf-libvirt-ceph', '--version')).toBe('0.1.0\n');
  });

  it('holds what is needed to run it, in 2 MB, and no sources, tests or maps', () => {
    const files = filesBelow(installed(project));
    const kinds = new Set(files.map((file) => file.replace(/^.*?((\.d)?\.\w+)$/, '$1')));
    expect([...kinds].sort()).toEqual(['.cjs', '.d.ts', '.js', '.json', '.md', 'LICENSE']);
    expect(files.filter((file) => /^(test|lab|examples|constructs|lib)\//.test(file))).toEqual([]);
    const bytes = files.map((file) => readFileSync(join(installed(project), file)).length);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThanOrEqual(2 * MEGABYTES);
  });

  it('matches what would be published', () => {
    const files = filesBelow(installed(project)).map((file) => file.replaceAll(sep, '/'));
    expect(publishedFiles(source)).toEqual(files.sort());
  });

  it('loads neither execa, nor an XML reader, nor a schema library', () => {
    const loaded = JSON.parse(
      node("require('cdktf-libvirt-ceph'); console.log(JSON.stringify(Object.keys(require.cache)))"),
    ) as string[];
    expect(loaded.some((file) => file.includes('/cdktf-libvirt-ceph/dist/constructs/'))).toBe(true);
    const ours = loaded.filter((file) => !/node_modules\/(cdktf|constructs)\//.test(file));
    expect(ours.filter((file) => /node_modules\/(execa|@rgrove|xmlbuilder2|zod)\//.test(file))).toEqual([]);
    expect(ours.filter((file) => /\/lib\/(steps|exec|review|cli)\//.test(file))).toEqual([]);
    expect(ours.filter((file) => /\/(cdktn\/|exec\.cjs)/.test(file))).toEqual([]);
  });

  it.each(['cdktf', 'cdktn'])(
    "has an 'init' that creates a project of %s which compiles and synthesizes",
    (toolkit) => {
      const made = join(folder, `made-${toolkit}`);
      const cli = join(installed(project), 'dist/lib/cli.cjs');
      const place = ['--monitors', '10.0.0.11', '--host', 'qemu+ssh://root@kvm1/system', '--domain-type', 'kvm'];
      const tarball = join(source, readdirSync(source).find((file) => file.endsWith('.tgz')) ?? '');
      run(folder, process.execPath, cli, 'init', made, '--toolkit', toolkit, ...place, '--package', tarball);
      // 425 MB, of which nothing runs here.
      run(made, 'npm', 'pkg', 'delete', `devDependencies.${toolkit}-cli`);
      install(made);
      run(made, 'npm', 'run', 'check');
      const [stack] = synthesizedBy(made, 'npx', '--no-install', 'tsx', 'main.ts') as [{ [type: string]: object }];
      expect(Object.keys(stack['libvirt_domain'] ?? {})).toEqual(['kvm1-web1']);
    },
  );

  it('synthesizes the same with cdktn under the name of cdktf', () => {
    const byCdktf = synthesizedBy(project, process.execPath, join(project, 'es-module/main.js'));
    install(project, 'cdktf@npm:cdktn@~0.24.0', 'constructs@~10.7.0');
    expect(node("console.log(require('cdktf/package.json').name)").trim()).toBe('cdktn');
    compile(project);
    expect(synthesizedBy(project, process.execPath, 'main.js')).toEqual(byCdktf);
  });
});

describe("The package from git in a project of 'cdktn init'", () => {
  beforeAll(() => {
    const url = `git+file://${repository(join(folder, 'repository'))}`;
    install(ofCdktn, url, '@cdktn/provider-random@^15.0.1');
  });

  it('holds the same files as the published package', () => {
    expect(filesBelow(installed(ofCdktn)).sort()).toEqual(filesBelow(installed(project)).sort());
  });

  it('brings in no second toolkit, and npm has no complaints about it', () => {
    expect(existsSync(join(ofCdktn, 'node_modules/cdktf'))).toBe(false);
    expect(run(ofCdktn, 'npm', 'ls', '--all')).toContain('cdktn@0.24');
  });

  it("synthesizes the README's stack like the cdktf one, next to a prebuilt provider", () => {
    const prebuilt = [
      "import { RandomProvider } from '@cdktn/provider-random/lib/provider';",
      "import { Pet } from '@cdktn/provider-random/lib/pet';",
      forCdktn(firstTsBlock('README.md')).replace(
        'app.synth();',
        "new RandomProvider(stack, 'random');\nconst pet = new Pet(stack, 'name');\nexport const named = new RbdBackedVm(stack, 'web2', {\n  storage,\n  vcpus: 2,\n  memory: Size.gibibytes(4),\n  description: pet.id,\n  rootDisk: { source: ImageSource.clone(debian), size: Size.gibibytes(20) },\n});\napp.synth();",
      ),
    ];
    writeFileSync(join(ofCdktn, 'main.ts'), prebuilt.join('\n'));
    synthAsInitSays(ofCdktn);
    const [found] = resources(ofCdktn) as [{ [type: string]: object }];
    const [byCdktf] = resources(project) as [{ [type: string]: object }];
    expect(found['random_pet']).toBeDefined();
    expect(JSON.stringify(found['libvirt_domain'])).toContain('${random_pet.name.id}');
    expect(Object.keys(found['terraform_data'] ?? {})).toEqual(
      expect.arrayContaining(Object.keys(byCdktf['terraform_data'] ?? {})),
    );
  });

  it('has the bindings for cdktn, too', () => {
    const bindings = join(ofCdktn, 'bindings');
    mkdirSync(bindings);
    writeFileSync(join(bindings, 'main.ts'), forCdktn(firstTsBlock('docs/provider-bindings.md')));
    compile(bindings);
    run(bindings, process.execPath, 'main.js');
    expect(expectValidForProvider(readFileSync(join(bindings, 'cdktf.out/stacks/web/cdk.tf.json'), 'utf8'))).toBe(4);
  });

  it('fails for a stack of the other toolkit, and says what to do', () => {
    install(ofCdktn, asHere('cdktf'));
    const text = firstTsBlock('README.md').replace("'cdktf'", "'cdktn'");
    writeFileSync(join(ofCdktn, 'mixed.ts'), text);
    const tsx = join(ROOT, 'node_modules/tsx/dist/cli.mjs');
    expect(() => run(ofCdktn, process.execPath, tsx, 'mixed.ts')).toThrow(
      /another copy of cdktf; .* from 'cdktf-libvirt-ceph\/cdktn' with cdktn/,
    );
  });
});
