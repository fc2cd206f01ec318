import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { firstTsBlock } from '../../../helpers/ts-blocks';
import { toolkitFor } from '../../../../lib/cli/init/answers';
import { type Ask, init, type InitOptions } from '../../../../lib/cli/init/init';
import type { Command, Tools } from '../../../../lib/steps/tools';

const DUMP = JSON.stringify({
  mons: [
    {
      public_addrs: {
        addrvec: [
          { type: 'v2', addr: '10.0.0.11:3300' },
          { type: 'v1', addr: '10.0.0.11:6789' },
        ],
      },
    },
    { public_addrs: { addrvec: [{ type: 'v2', addr: '[2001:db8::12]:3300' }] } },
  ],
});
const CAPABILITIES =
  "<capabilities><guest><arch><domain type='qemu'/><domain type='kvm'/></arch></guest></capabilities>";
const FOUND = { 'mon dump': DUMP, uri: 'qemu:///system', 'net-list': 'lab\ndefault\n', capabilities: CAPABILITIES };

let folder = '';
let calls: Command[] = [];
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clc-init-'));
  calls = [];
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Tools that answer the commands that contain a known word; all others fail. */
function toolsWith(answers: { readonly [word: string]: string }): Tools {
  const tools: Partial<Tools> = {
    attempt: (command) => {
      calls.push(command);
      const found = Object.entries(answers).find(([word]) => command.argv.join(' ').includes(word));
      return Promise.resolve({ exitCode: found ? 0 : 1, stdout: found?.[1] ?? '', stderr: '' });
    },
  };
  return tools as Tools;
}

async function made(options: InitOptions, answers: { readonly [word: string]: string } = FOUND, ask?: Ask) {
  const conf = join(folder, 'none.conf');
  const around = { tools: toolsWith(answers), ask, version: '1.2.3', ...('conf' in options ? {} : { confFile: conf }) };
  const { json, lines } = await init(join(folder, 'project'), options, around);
  const text = (file: string): string => readFileSync(join(folder, 'project', file), 'utf8');
  return { json, lines, text, main: text('main.ts') };
}

describe('A new project', () => {
  it('takes what the cluster and the host report about themselves', async () => {
    const { main } = await made({});
    expect(main).toContain("monitors: ['10.0.0.11:3300', '[2001:db8::12]:3300'],");
    expect(main).toContain("uri: 'qemu:///system',");
    expect(main).toContain("NetworkSource.network('default')");
    expect(main).not.toMatch(/DomainType|Transport/);
  });

  it("reads ceph.conf where no 'ceph' answers", async () => {
    const conf = join(folder, 'ceph.conf');
    writeFileSync(conf, '[global]\nfsid = 1\nmon_host = [v2:10.0.0.7:3300/0,v1:10.0.0.7:6789/0]\n');
    const { main } = await made({ conf }, { uri: 'qemu:///system' });
    expect(main).toContain("monitors: ['10.0.0.7:3300'],");
    expect(main).toContain(`confFile: '${conf}',`);
    expect(main).not.toContain('networkInterfaces');
  });

  it('asks a cluster behind ssh through ssh, and writes that transport into the code', async () => {
    const { main } = await made({ ssh: 'root@mon1' });
    expect(calls.find(({ argv }) => argv.includes('mon'))?.transport).toEqual({
      type: 'ssh',
      destination: 'root@mon1',
    });
    expect(main).toContain("transport: Transport.ssh('root@mon1'),");
  });

  it('prefers what was typed to what is found, and asks no question about it', async () => {
    const ask = jest.fn<Promise<string>, [string, string]>();
    const typed = { monitors: 'mon1, mon2:6789', host: 'qemu+ssh://root@kvm1/system', pool: 'vms', network: 'br0' };
    const { main } = await made({ ...typed, driver: 'virsh', domainType: 'qemu', image: "it's.qcow2" }, {}, ask);
    expect(ask).not.toHaveBeenCalled();
    expect(main).toContain("monitors: ['mon1', 'mon2:6789'],");
    expect(main).toContain("poolName: 'vms'");
    expect(main).toContain('driver: LibvirtDriver.VIRSH,\n      domainType: DomainType.QEMU,');
    expect(main).toContain("ImageSource.file('it\\'s.qcow2')");
  });

  it('asks a person, and takes what was found as the answer to an empty line', async () => {
    const asked: string[] = [];
    const ask: Ask = (question, found) => {
      asked.push(`${question} [${found}]`);
      return Promise.resolve(question === 'Ceph pool to create' ? 'mine' : found);
    };
    const { main } = await made({}, FOUND, ask);
    expect(asked).toEqual([
      'Ceph monitors [10.0.0.11:3300,[2001:db8::12]:3300]',
      'libvirt host [qemu:///system]',
      'Ceph pool to create [libvirt-pool]',
    ]);
    expect(main).toContain("poolName: 'mine'");
  });

  it('uses cdktn where its command line runs, and cdktf elsewhere', () => {
    expect(['20.19.0', '22.18.9', '22.19.0', '24.0.0'].map(toolkitFor)).toEqual(['cdktf', 'cdktf', 'cdktn', 'cdktn']);
  });

  it("imports its toolkit's entry point, and has a projectId and an owner of its own", async () => {
    const { text, main } = await made({ toolkit: 'cdktn', package: './package.tgz' });
    expect(main).toContain("from 'cdktn';");
    expect(main).toContain("from 'cdktf-libvirt-ceph/cdktn';");
    const { dependencies } = JSON.parse(text('package.json')) as { dependencies: object };
    expect(dependencies).toMatchObject({ 'cdktf-libvirt-ceph': './package.tgz', cdktn: '^0.24.0' });
    const { projectId } = JSON.parse(text('cdktf.json')) as { projectId: string };
    expect(projectId).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('fails when an option is missing and nothing is found, and names the option', async () => {
    await expect(made({}, { uri: 'x' })).rejects.toThrow('--monitors is missing, and no value was found for it');
    await expect(made({ monitors: 'mon1' }, {})).rejects.toThrow('--host is missing, and no value was found for it');
  });

  it.each([
    [{ monitors: 'a b,,' }, '--monitors'],
    [{ monitors: 'm', host: 'h', pool: 'a/b' }, "--pool is 'a/b'"],
    [{ toolkit: 'cdk' }, '--toolkit'],
    [{ monitors: 'm', host: 'h', driver: 'x' }, '--driver'],
    [{ monitors: 'm', host: 'h', domainType: 'x' }, '--domain-type'],
  ])('fails for an impossible option: %j', async (options, said) => {
    await expect(made(options, {})).rejects.toThrow(said);
  });

  it('fails in a folder that already holds a project, and overwrites nothing', async () => {
    const { text } = await made({});
    const before = text('main.ts');
    await expect(made({ pool: 'other' })).rejects.toThrow('main.ts; choose another folder');
    expect(text('main.ts')).toBe(before);
  });
});

describe('The tutorial', () => {
  it('shows the code of the project exactly as it is generated', async () => {
    const { main } = await made(
      {
        ...{ toolkit: 'cdktf', monitors: '10.0.0.11:3300', conf: '/srv/lab/ceph.conf', host: 'qemu:///system' },
        ...{ driver: 'virsh', domainType: 'qemu', image: '/srv/lab/guest.img', network: 'default' },
      },
      {},
    );
    expect(main).toBe(firstTsBlock('docs/tutorial.md'));
  });
});
