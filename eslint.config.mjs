import { defineConfig } from 'eslint/config';
import jest from 'eslint-plugin-jest';
import tseslint from 'typescript-eslint';
import imports from './eslint.imports.mjs';

export default defineConfig(
  {
    ignores: ['dist/', '**/cdktf.out/', 'coverage/', '.lab/', '**/*.{js,cjs,mjs}', 'lib/provider-libvirt/generated/'],
  },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  tseslint.configs.strictTypeChecked,
  tseslint.configs.stylisticTypeChecked,
  { languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } } },
  imports,
  {
    rules: {
      // Texts are made of numbers all over: ports, sizes, counts.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // `as string` says what the value is; `!` does not, and is refused.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }],
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-expressions': ['error', { allowTernary: true }],
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      // Only variables of the environment are deleted by name.
      '@typescript-eslint/no-dynamic-delete': 'off',
      // Values of the environment become members of enums by a cast.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      // What is async by its interface may have nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      // A brand tells our classes apart where `instanceof` cannot.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // An interface is no index-signature type, so it is not taken where one is asked for.
      '@typescript-eslint/consistent-type-definitions': 'off',
      // Its fixes make several of our conditions harder to read, and some wrong for null.
      '@typescript-eslint/prefer-optional-chain': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-indexed-object-style': ['error', 'index-signature'],
    },
  },
  {
    files: ['lib/exec/**/*.ts'],
    // execa's types say less than may be: a child that could not be started has neither streams nor output.
    rules: { '@typescript-eslint/no-unnecessary-condition': 'off' },
  },
  {
    files: ['test/**/*.test.ts'],
    ...jest.configs['flat/recommended'],
    rules: {
      ...jest.configs['flat/recommended'].rules,
      'jest/no-disabled-tests': 'error',
      'jest/no-focused-tests': 'error',
      'jest/valid-expect': 'error',
      'jest/no-standalone-expect': [
        'error',
        { additionalTestBlockFunctions: ['beforeAll', 'afterAll', 'beforeEach', 'afterEach', 'once', 'once.each'] },
      ],
      'jest/expect-expect': ['error', { assertFunctionNames: ['expect', 'expect*', '**.expect*', '*Shows'] }],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: {
      // Tests read deep into JSON that no type describes.
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-useless-default-assignment': 'off',
      '@typescript-eslint/prefer-includes': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
    },
  },
);
