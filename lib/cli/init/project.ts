import type { Answers } from './answers';
import { mainText, STACK } from './main-text';

export interface Project {
  /** Text by file. */
  readonly files: { readonly [file: string]: string };
}

export interface ProjectOptions {
  readonly name: string;
  /** The owner of everything that the project creates. */
  readonly projectId: string;
  /** This package as in package.json: '^1.2.0', a tarball, a git URL. */
  readonly source: string;
}

/** A project that is ready to be installed and synthesized. */
export function projectFiles(answers: Answers, options: ProjectOptions): Project['files'] {
  return {
    'package.json': json(manifest(answers, options)),
    'cdktf.json': json({ language: 'typescript', app: 'npx tsx main.ts', projectId: options.projectId }),
    'tsconfig.json': json({
      compilerOptions: {
        target: 'ES2022',
        module: 'node16',
        moduleResolution: 'node16',
        strict: true,
        noEmit: true,
        skipLibCheck: true,
        types: ['node'],
      },
      include: ['*.ts'],
    }),
    '.gitignore': 'node_modules/\ncdktf.out/\nterraform.*.tfstate*\n.terraform*\n',
    'main.ts': mainText(answers),
  };
}

function manifest({ toolkit }: Answers, { name, source }: ProjectOptions): object {
  const versions = { cdktf: '^0.21.0', cdktn: '^0.24.0' };
  return {
    name,
    private: true,
    scripts: { check: 'tsc', diff: `${toolkit} diff ${STACK}`, deploy: `${toolkit} deploy ${STACK}` },
    dependencies: {
      'cdktf-libvirt-ceph': source,
      [toolkit]: versions[toolkit],
      // Both accept it; cdktn 0.24 does not accept 10.8 and later.
      constructs: '~10.7.0',
    },
    devDependencies: {
      '@types/node': '^20.19.0',
      [`${toolkit}-cli`]: versions[toolkit],
      tsx: '^4.20.0',
      typescript: '~5.9.0',
    },
  };
}

function json(value: object): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
