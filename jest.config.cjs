const swc = [
  '@swc/jest',
  { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
];
const BUNDLED = '<rootDir>/test/helpers/bundled';
const shared = {
  testEnvironment: 'node',
  moduleNameMapper: {
    '^cdktf-libvirt-ceph$': '<rootDir>/constructs/index.ts',
    '^cdktf-libvirt-ceph/provider-libvirt$': '<rootDir>/lib/provider-libvirt/index.ts',
    // It is made of ES modules, which jest's loader does not take.
    '^execa$': `${BUNDLED}/execa.js`,
  },
  transform: {
    'test/helpers/bundled/(execa|cdktf|cdktn)\\.js$': '<rootDir>/test/helpers/bundle-transform.cjs',
    '\\.[cm]?[jt]s$': swc,
    '\\.py$': '<rootDir>/test/helpers/text-transform.cjs',
  },
};
/** cdktf in one file; on cdktn, that in its place. */
const toolkit = (cdktf) => ({
  '^cdktf$': `${BUNDLED}/${cdktf}.js`,
  '^cdktf/lib/synthesize/synthesizer$': `${BUNDLED}/${cdktf}-synthesizer.js`,
  '^cdktn$': `${BUNDLED}/cdktn.js`,
  '^cdktn/lib/synthesize/synthesizer$': `${BUNDLED}/cdktn-synthesizer.js`,
  '^archiver$': `${BUNDLED}/archiver.js`,
});
const onCdktf = { ...shared, moduleNameMapper: { ...shared.moduleNameMapper, ...toolkit('cdktf') } };

/** What would take a quarter of the time of the unit tests, and judges no step by a fake. */
const LONG = ['property/**/*', 'examples', 'docs/ts-blocks', 'lint/imports'].map((path) => `**/test/${path}.test.ts`);

module.exports = {
  maxWorkers: '100%',
  projects: [
    {
      ...onCdktf,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts', ...LONG.map((path) => `!${path}`)],
      testPathIgnorePatterns: ['/test/e2e/'],
    },
    {
      ...shared,
      displayName: 'cdktn',
      // What is built on cdktf, once more on cdktn.
      testMatch: ['constructs', 'lib/terraform', 'lib/provider-libvirt', 'api']
        .flatMap((part) => [`<rootDir>/test/${part}/**/*.test.ts`])
        .concat('<rootDir>/test/{golden,examples}.test.ts'),
      moduleNameMapper: { ...shared.moduleNameMapper, ...toolkit('cdktn') },
    },
    {
      ...onCdktf,
      displayName: 'long',
      testMatch: LONG,
    },
    {
      ...onCdktf,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      globalSetup: '<rootDir>/test/helpers/build-bundle.ts',
      setupFilesAfterEnv: ['<rootDir>/test/helpers/e2e-setup.ts'],
    },
  ],
};
