// Who may import whom:
// model <- render, ceph <- steps <- exec, vms <- preflight <- cli; model <- terraform <- constructs.
// What synth loads imports no library that costs time at load. Apart from the other rules so that a test can run it
// alone.
import { createNodeResolver, importX } from 'eslint-plugin-import-x';

const SYNTH = [
  'constructs/**',
  'lib/*.ts',
  'lib/seed/**',
  'lib/model/**',
  'lib/terraform/**',
  'lib/provider-libvirt/**',
];

/** A folder of lib may import itself and what is named; nothing of lib besides, and no construct. */
const layer = (folder, ...may) => [
  { target: `./lib/${folder}`, from: './lib', except: [folder, ...may].map((one) => `./${one}`) },
  { target: `./lib/${folder}`, from: ['./constructs', './examples', './lab', './test'] },
];

const zones = [
  ...layer('model'),
  ...layer('terraform', 'model', 'unicode-form.ts', 'errors.ts', 'validation.ts'),
  ...layer('provider-libvirt', 'errors.ts'),
  ...layer('render', 'model', 'provider-libvirt'),
  ...layer('seed', 'model'),
  ...layer('ceph'),
  ...layer('steps', 'model', 'ceph', 'render', 'seed'),
  ...layer('exec', 'model', 'ceph', 'render', 'steps'),
  ...layer('review', 'model'),
  ...layer('vm-snapshots', 'model', 'render', 'steps', 'exec'),
  ...layer('vms', 'model', 'ceph', 'render', 'steps', 'few-at-once.ts'),
  ...layer('preflight', 'model', 'ceph', 'render', 'steps', 'exec', 'vms', 'few-at-once.ts'),
  ...layer(
    'cli',
    'model',
    'ceph',
    'render',
    'steps',
    'exec',
    'review',
    'preflight',
    'vm-snapshots',
    'vms',
    'few-at-once.ts',
  ),
  { target: './lib/*.ts', from: './lib/!(model)/**/*' },
  {
    target: './constructs',
    from: [
      './lib/steps',
      './lib/exec',
      './lib/cli',
      './lib/review',
      './lib/preflight',
      './lib/vm-snapshots',
      './lib/vms',
    ],
  },
  { target: ['./constructs', './lib/render/**/provider*.ts'], from: './lib/render/**/*xml.ts' },
  { target: ['./lib', './constructs'], from: ['./examples', './lab', './test'] },
].map((zone) => ({ message: 'see "Who may import whom" in eslint.imports.mjs', ...zone }));

const only = (name, where) => ({ name, message: `only ${where} may load it` });
const XML = only('@rgrove/parse-xml', 'lib/render/xml-text.ts');
const YAML = only('yaml', 'lib/seed/yaml.ts');
const PROCESSES = { name: 'execa', message: 'it takes long to load; lib/exec/process.ts starts processes' };

export default [
  {
    files: ['**/*.ts'],
    plugins: { 'import-x': importX },
    settings: {
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.cjs', '.mjs', '.json'] })],
    },
    rules: {
      'import-x/no-restricted-paths': ['error', { basePath: import.meta.dirname, zones }],
      // Of what runs; test/lint/imports.test.ts looks at types too.
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
    },
  },
  {
    files: [...SYNTH, 'lib/render/**'],
    ignores: ['lib/render/xml-text.ts', 'lib/seed/yaml.ts', 'lib/provider-libvirt/generator/**'],
    rules: { 'no-restricted-imports': ['error', { paths: [XML, YAML, PROCESSES] }] },
  },
  {
    files: ['lib/render/xml.ts'],
    rules: { 'no-restricted-imports': ['error', { paths: [PROCESSES] }] },
  },
  { files: ['lib/{steps,exec}/**'], rules: { 'no-restricted-imports': ['error', { paths: [XML, PROCESSES] }] } },
  {
    files: ['lib/{cli,preflight,vm-snapshots}/**'],
    rules: { 'no-restricted-imports': ['error', { paths: [XML, PROCESSES] }] },
  },
];
