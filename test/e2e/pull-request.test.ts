import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { execa, execaSync } from 'execa';
import type { TerraformStack } from 'cdktf';
import { parse } from 'yaml';
import { CephPool, LibvirtDriver, RbdImage, Size } from '../../constructs';
import type { LabInfo } from '../../lab/lab';
import { terraformBinary } from '../../lib/cli/terraform-stack';
import { Deployment } from '../helpers/deploy';
import { useLab } from '../helpers/lab';
import { planStack, type PlanParts } from '../helpers/plan-stack';
import { Admin, labCluster } from '../helpers/world';

const lab = useLab();
const EXAMPLE = join(__dirname, '../../examples/pull-request-pipeline');
const CLI = join(__dirname, '../../dist/lib/cli.cjs');
/** Planned and never reached: no cluster is asked for a plan. */
const NO_LAB = {
  ...{ monitors: ['10.0.0.11'], cephConf: '/etc/ceph/ceph.conf' },
  hosts: [{ uri: 'qemu:///system', virshUri: 'qemu:///system' }],
} as unknown as LabInfo;

type Job = 'plan' | 'apply';
interface Comment {
  readonly id: number;
  body: string;
}

/** The shell lines of a job, in their order; what an action does is done by the test. */
function linesOf(forge: string, job: Job): string[] {
  if (forge === 'GitLab') {
    return parse(readFileSync(join(EXAMPLE, '.gitlab-ci.yml'), 'utf8'))[job].script as string[];
  }
  const workflow = parse(readFileSync(join(EXAMPLE, '.github/workflows/libvirt-ceph.yml'), 'utf8'));
  return (workflow.jobs[job].steps as { readonly run?: string }[]).flatMap(({ run }) => run ?? []);
}

/** What both forges are asked for: comments, and where a plan waits. */
class Forge {
  public readonly comments: Comment[] = [{ id: 1, body: 'Looks good to me.' }];
  public readonly packages = new Map<string, Buffer>();
  public artifact: { readonly name: string } | undefined;
  private readonly server: Server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const answer = this.answer(request.method ?? '', request.url ?? '', Buffer.concat(chunks));
      response.writeHead(answer === undefined ? 404 : 200);
      response.end(Buffer.isBuffer(answer) ? answer : JSON.stringify(answer ?? {}));
    });
  });

  public async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  public stop(): void {
    this.server.close();
  }

  private answer(method: string, url: string, body: Buffer): object | undefined {
    const { pathname, searchParams } = new URL(url, 'http://forge');
    if (pathname.endsWith('/actions/artifacts')) {
      const found = this.artifact?.name === searchParams.get('name');
      return { artifacts: found ? [{ expired: false, created_at: '', workflow_run: { id: 77 } }] : [] };
    }
    if (pathname.includes('/packages/generic/')) {
      if (method === 'PUT') this.packages.set(pathname, body);
      return this.packages.get(pathname);
    }
    if (method === 'GET') return searchParams.get('page') === '1' ? this.comments : [];
    const text = (JSON.parse(body.toString()) as { readonly body: string }).body;
    const known = this.comments.find(({ id }) => pathname.endsWith(`/${id}`));
    if (known) known.body = text;
    else this.comments.push({ id: this.comments.length + 1, body: text });
    return {};
  }
}

describe.each(['GitHub', 'GitLab'])('The pipeline of a pull request on %s', (name) => {
  const folder = mkdtempSync(join(tmpdir(), 'clc-'));
  const [source, elsewhere, bin] = ['source', 'elsewhere', 'bin'].map((one) => join(folder, one)) as [
    string,
    string,
    string,
  ];
  const deployment = new Deployment('prod', 'shop');
  const forge = new Forge();
  let api = '';

  const git = (...args: string[]): string =>
    execaSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@b', ...args], { cwd: source }).stdout;

  /** What the code of the pull request is synthesized to. */
  const commit = (parts: PlanParts): void =>
    commitStack(planStack(NO_LAB, LibvirtDriver.VIRSH, 'vms', parts), JSON.stringify(parts));
  const commitStack = (build: (stack: TerraformStack) => void, code: string): void => {
    deployment.synth(build);
    writeFileSync(join(source, 'main.ts'), code);
    git('add', '-A');
    git('commit', '-q', '-m', 'change');
  };

  /** Runs the lines of a job until one fails; the last exit code, and all that was said. */
  async function job(which: Job, cwd: string): Promise<{ readonly exitCode: number; readonly output: string }> {
    let output = '';
    for (const line of linesOf(name, which)) {
      const result = await execa(
        'bash',
        ['-eo', 'pipefail', '-c', line.replaceAll('$PLANS', '$CI_API_V4_URL/projects/1/packages/generic/plans')],
        {
          ...{ cwd, all: true, reject: false, stdin: 'ignore' },
          env: {
            PATH: [bin, process.env['PATH']].join(delimiter),
            ...{ STACK: 'prod', FAIL_ON: 'data-loss', PLAN_KEY: 'secret of the pipeline', CHECKPOINT_DISABLE: '1' },
            ...(name === 'GitLab'
              ? {
                  CI_API_V4_URL: api,
                  CI_PROJECT_ID: '1',
                  CI_MERGE_REQUEST_IID: '2',
                  GITLAB_TOKEN: 't',
                  CI_JOB_TOKEN: 'j',
                }
              : {
                  ...{ GITHUB_API_URL: api, GITHUB_REPOSITORY: 'a/b', PULL_REQUEST: '2', GITHUB_TOKEN: 't' },
                  GITHUB_OUTPUT: join(folder, 'output'),
                }),
          },
        },
      );
      output += `${result.all}\n`;
      if (result.exitCode !== 0) return { exitCode: result.exitCode ?? -1, output };
    }
    return { exitCode: 0, output };
  }

  /** What the two actions for artifacts do between the jobs. */
  const carry = (): void => {
    const tree = readFileSync(join(source, 'out/tree'), 'utf8').trim();
    forge.artifact = { name: `plan-prod-${tree}` };
    mkdirSync(join(elsewhere, 'out'), { recursive: true });
    cpSync(join(source, 'out/reviewed-plan'), join(elsewhere, 'out/reviewed-plan'));
  };
  const merged = (): void => {
    rmSync(elsewhere, { recursive: true, force: true });
    execaSync('git', ['clone', '-q', source, elsewhere]);
  };

  beforeAll(async () => {
    api = await forge.start();
    cpSync(EXAMPLE, source, { recursive: true });
    writeFileSync(join(source, '.gitignore'), 'out\ncdktf.out\n');
    git('init', '-q', '-b', 'main');
    mkdirSync(bin);
    const shell = (tool: string, text: string): void =>
      writeFileSync(join(bin, tool), `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    shell('npm', ':');
    const synth = `mkdir -p cdktf.out/stacks && rm -rf cdktf.out/stacks/prod && cp -r '${deployment.stackFolder}' cdktf.out/stacks/`;
    shell('npx', `[ "$1" = cdktf ] && { ${synth}; exit; }; shift; exec '${process.execPath}' '${CLI}' "$@"`);
    // The scripts of an apply, which have no cluster here: it counts that each is where the plan says.
    shell('node', `case "$1" in *exec.cjs) [ -s "$1" ]; exit;; esac; exec '${process.execPath}' "$@"`);
  });

  afterAll(() => {
    forge.stop();
    deployment.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  test('writes one comment, updates it, leaves comments of others, and stops at what it cannot judge', async () => {
    commit({ foreign: 'changed' });
    expect(await job('plan', source)).toMatchObject({ exitCode: 2 });
    expect(forge.comments).toHaveLength(2);
    expect(forge.comments[1]?.body).toMatch(
      /^<!-- cdktf-libvirt-ceph review prod\/default -->\n### 🟥 UNKNOWN: 1 of 18/,
    );
    commit({ foreign: 'gone' });
    expect(await job('plan', source)).toMatchObject({ exitCode: 0 });
    expect(forge.comments.map(({ body }) => body.split('\n')[1] ?? body)).toEqual([
      'Looks good to me.',
      expect.stringMatching(/^### ⬜ SAFE: 17 objects affected/),
    ]);
  });

  test('applies exactly the plan that was reviewed, on another machine', async () => {
    merged();
    carry();
    const { exitCode, output } = await job('apply', elsewhere);
    expect({ exitCode, output }).toMatchObject({ exitCode: 0, output: expect.stringContaining('Apply complete!') });
    expect(existsSync(join(elsewhere, 'cdktf.out/stacks/prod/terraform.tfstate'))).toBe(true);
  });

  test('applies nothing when the source differs from what was reviewed, whatever the plan is called', async () => {
    commit({ foreign: 'gone', memory: 64 });
    merged();
    carry();
    const refused = await job('apply', elsewhere);
    expect(refused.exitCode).not.toBe(0);
    // Somebody puts the plan of another source where this one's is looked for.
    const tree = git('rev-parse', 'HEAD^{tree}');
    forge.artifact = { name: `plan-prod-${tree}` };
    [...forge.packages].forEach(([path, plan]) =>
      forge.packages.set(path.replace(/plans\/\w+\//, `plans/${tree}/`), plan),
    );
    const forged = await job('apply', elsewhere);
    expect(forged.exitCode).not.toBe(0);
    expect(forged.output).toContain("no plan of stack 'prod' that was reviewed for this source");
    expect(existsSync(join(elsewhere, 'cdktf.out'))).toBe(false);
  });

  test('keeps the plan unreadable while it waits for the merge', () => {
    const sealed = readFileSync(join(source, 'out/reviewed-plan'));
    for (const word of ['terraform_data', 'cdk.tf.json', 'web1-root']) expect(sealed.includes(word)).toBe(false);
  });

  test('creates in the cluster what the reviewed plan says, and nothing before the merge', async () => {
    const admin = new Admin(lab());
    const pool = `pr-${name.toLowerCase()}`;
    rmSync(join(bin, 'node'));
    commitStack((stack) => {
      const cluster = labCluster(stack, lab());
      new RbdImage(stack, 'pr-image', { pool: new CephPool(stack, pool, { cluster }), size: Size.mebibytes(8) });
    }, 'a pool and an image');
    try {
      expect(await job('plan', source)).toMatchObject({ exitCode: 0 });
      expect(forge.comments.at(-1)?.body).toMatch(/^<!-- .* -->\n### ⬜ SAFE: [^]*pr-image/);
      expect(await admin.ceph('osd', 'pool', 'ls')).not.toContain(pool);
      merged();
      carry();
      const applied = await job('apply', elsewhere);
      expect(applied).toMatchObject({ exitCode: 0, output: expect.stringContaining('Apply complete!') });
      expect(await admin.rbd('ls', pool)).toBe('pr-image');
    } finally {
      const cwd = join(elsewhere, 'cdktf.out/stacks/prod');
      await execa(terraformBinary(), ['destroy', '-auto-approve', '-input=false'], { cwd, reject: false });
      await admin.wipe(pool);
    }
  });
});

const has = (command: string, ...args: string[]): boolean => execaSync(command, args, { reject: false }).exitCode === 0;
/** Where this machine has not the checker, its test counts as skipped. */
const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';
const withGo = has('go', 'run', ACTIONLINT, '-version') ? describe : describe.skip;
const withSchemas = has('check-jsonschema', '--version') ? describe : describe.skip;

describe('The files of the pipelines', () => {
  const workflows = join(EXAMPLE, '.github');

  withGo('by Go', () => {
    test('pass actionlint for GitHub', async () => {
      const argv = ['run', ACTIONLINT, '-config-file', join(workflows, 'actionlint.yaml')];
      const { all } = await execa('go', [...argv, join(workflows, 'workflows/libvirt-ceph.yml')], {
        all: true,
        reject: false,
      });
      expect(all.replaceAll(/^go: downloading.*\n?/gm, '')).toBe('');
    });
  });

  withSchemas('by a schema', () => {
    test("match GitLab's schema for GitLab", async () => {
      const argv = ['--builtin-schema', 'vendor.gitlab-ci', join(EXAMPLE, '.gitlab-ci.yml')];
      const { all } = await execa('check-jsonschema', argv, { all: true, reject: false });
      expect(all).toContain('ok -- validation done');
    });
  });

  test('take every script from the folder that is copied with them', () => {
    const lines = ['GitHub', 'GitLab'].flatMap((one) => [...linesOf(one, 'plan'), ...linesOf(one, 'apply')]).join('\n');
    const named = new Set(lines.match(/pipeline\/[\w-]+\.\w+/g));
    expect([...named].filter((file) => !existsSync(join(EXAMPLE, file)))).toEqual([]);
    expect(named.size).toBe(4);
  });
});
