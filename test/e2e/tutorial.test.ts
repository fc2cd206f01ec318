import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { execa } from 'execa';
import { describeWithOpenTofu } from '../helpers/engines';
import { useLab } from '../helpers/lab';
import { makeProject, pack, ROOT } from '../helpers/package-project';
import { shBlocks } from '../helpers/sh-blocks';
import { Admin } from '../helpers/world';

const lab = useLab();
const PAGE = 'docs/tutorial.md';
const folder = mkdtempSync(join(tmpdir(), 'tutorial-'));
let tarball = '';

beforeAll(() => {
  tarball = pack(join(folder, 'source'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A person's shell: each block goes on where the one before it has ended, with its variables. */
class Shell {
  private readonly state: string;

  constructor(
    private readonly home: string,
    private readonly env: { readonly [name: string]: string | undefined },
  ) {
    this.state = join(home, '.state');
    writeFileSync(this.state, `cd '${home}'\n`);
  }

  /** What it printed; throws with all of it when a command fails. `where`: a folder that this block alone is run in. */
  public async run(text: string, where = ''): Promise<string> {
    const go = where === '' ? '' : `pushd '${where}' >/dev/null\n`;
    const back = where === '' ? '' : 'popd >/dev/null\n';
    const keep = `{ export -p; printf 'cd %q\\n' "$PWD"; } > '${this.state}'\n`;
    const script = `set -eo pipefail\nsource '${this.state}'\n${go}${text}\n${back}${keep}`;
    const { all, exitCode } = await execa('bash', ['-c', script], {
      cwd: this.home,
      env: this.env,
      all: true,
      reject: false,
      stdin: 'ignore',
    });
    if (exitCode !== 0) throw new Error(`ended with ${String(exitCode)}:\n${text}\n${all}`);
    return all;
  }
}

/** Npm's own registry does not have this package as it is here: the project takes what `npm pack` made of it. */
function takeTarball(project: string): void {
  const file = join(project, 'package.json');
  const manifest = JSON.parse(readFileSync(file, 'utf8')) as { dependencies: { [name: string]: string } };
  manifest.dependencies['cdktf-libvirt-ceph'] = tarball;
  writeFileSync(file, JSON.stringify(manifest));
}

/** All blocks of one track, in the order of the page, and what has to be so around them. */
function followed(track: 'cdktf' | 'cdktn', path: () => Promise<string>): void {
  const home = join(folder, track);
  let shell: Shell;
  let admin: Admin;

  beforeAll(async () => {
    admin = new Admin(lab());
    await admin.wipe('libvirt-pool');
    makeProject(home, {}, [tarball]);
    rmSync(join(home, 'cdktf.json'));
    const env = { PATH: await path(), CLC_LAB: lab().folder, CHECKPOINT_DISABLE: '1', TF_CLI_CONFIG_FILE: undefined };
    shell = new Shell(home, { ...env, TERRAFORM_BINARY_NAME: undefined });
  });

  afterAll(async () => {
    await shell.run(`cd '${home}/first-vm' && npx ${track} destroy vms --auto-approve`).catch(() => undefined);
    await admin.wipe('libvirt-pool');
  });

  /** Runs the blocks of a section; what they printed, block by block. */
  async function follow(section: number): Promise<string[]> {
    const blocks = shBlocks(PAGE).filter((one) => one.section === section && ['', 'lab', track].includes(one.track));
    const printed: string[] = [];
    for (const { text, prints } of blocks) {
      if (text.includes('npm install')) takeTarball(join(home, 'first-vm'));
      const inClone = text.includes('npm run lab') ? ROOT : '';
      const output = await shell.run(text.replace(/^npm ci$/m, 'true'), inClone);
      const lines = output.split('\n');
      expect({ text, output, missing: prints.filter((line) => !lines.includes(line)) }).toMatchObject({ missing: [] });
      printed.push(output);
    }
    return printed;
  }
  let id = '';

  it('from nothing to a VM that runs', async () => {
    for (const section of [1, 2, 3]) await follow(section);
    expect(await admin.virsh('domstate', 'web1')).toBe('running');
    id = await admin.virsh('domid', 'web1');
  });

  it('to a reviewed change of which nothing has happened yet', async () => {
    const [, , review] = await follow(4);
    expect(review).toMatch(/web1-root/);
    expect(readFileSync(join(home, 'first-vm/comment.md'), 'utf8')).toMatch(/web1/);
    expect(await sizeOfDisk()).toBe(4 * 2 ** 30);
  });

  it('which is then made on the running VM, without a restart', async () => {
    await follow(5);
    expect(await sizeOfDisk()).toBe(5 * 2 ** 30);
    expect(await admin.virsh('domid', 'web1')).toBe(id);
    expect(await admin.virsh('dumpxml', '--inactive', 'web1')).toMatch(/<memory unit='KiB'>2097152</);
  });

  it('to a change made by hand, which is reported and repaired', async () => {
    await follow(6);
    expect(await admin.virsh('domstate', 'web1')).toBe('running');
  });

  it('and removes all of it', async () => {
    await follow(7);
    expect(await admin.virsh('list', '--all', '--name')).not.toContain('web1');
    expect(await admin.rbd('trash', 'ls', 'libvirt-pool')).toContain('web1-root');
  });

  async function sizeOfDisk(): Promise<number> {
    const info = await admin.rbd('info', '--format', 'json', 'libvirt-pool/web1-root');
    return (JSON.parse(info) as { size: number }).size;
  }
}

describe('The tutorial leads, with cdktf and Terraform,', () => {
  followed('cdktf', () => Promise.resolve(process.env['PATH'] ?? ''));
});

describeWithOpenTofu('The tutorial leads, with cdktn and OpenTofu,', (tofu) => {
  followed('cdktn', async () => {
    // Its command line wants a newer Node.js than this package does.
    const node = join(folder, 'node');
    makeProject(node, {}, ['node@22']);
    return [join(node, 'node_modules/node/bin'), dirname(tofu), process.env['PATH'] ?? ''].join(delimiter);
  });
});
