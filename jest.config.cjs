const swc = [
  '@swc/jest',
  { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'commonjs' } },
];
const shared = {
  testEnvironment: 'node',
  moduleNameMapper: {
    '^cdktf-libvirt-ceph$': '<rootDir>/constructs/index.ts',
    '^cdktf-libvirt-ceph/provider-libvirt$': '<rootDir>/lib/provider-libvirt/index.ts',
    '^unicorn-magic$': '<rootDir>/node_modules/unicorn-magic/node.js',
  },
  transform: { '\\.[cm]?[jt]s$': swc, '\\.py$': '<rootDir>/test/helpers/text-transform.cjs' },
  transformIgnorePatterns: [
    '/node_modules/(?!(execa|@sec-ant|@sindresorhus|unicorn-magic|figures|is-plain-obj|is-stream|is-unicode-supported|npm-run-path|path-key|parse-ms|pretty-ms|strip-final-newline|yoctocolors|get-stream|human-signals)/)',
  ],
};

module.exports = {
  maxWorkers: '100%',
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['/test/e2e/', '/test/property/'],
    },
    {
      ...shared,
      displayName: 'cdktn',
      // What is built on cdktf, once more on cdktn.
      testMatch: ['constructs', 'lib/terraform', 'lib/provider-libvirt', 'api']
        .flatMap((part) => [`<rootDir>/test/${part}/**/*.test.ts`])
        .concat('<rootDir>/test/{golden,examples}.test.ts'),
      moduleNameMapper: { ...shared.moduleNameMapper, '^cdktf$': 'cdktn', '^cdktf/(.*)$': 'cdktn/$1' },
    },
    {
      ...shared,
      displayName: 'property',
      testMatch: ['<rootDir>/test/property/**/*.test.ts'],
    },
    {
      ...shared,
      displayName: 'e2e',
      testMatch: ['<rootDir>/test/e2e/**/*.test.ts'],
      globalSetup: '<rootDir>/test/helpers/build-bundle.ts',
      setupFilesAfterEnv: ['<rootDir>/test/helpers/e2e-setup.ts'],
    },
  ],
};
