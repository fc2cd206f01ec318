import { execaSync } from 'execa';
import { Children } from '../../../lib/exec/children';
import type { Session } from '../../../lib/cli/session';
import { hasAgent, whileStill } from '../../../lib/cli/still';
import type { Vm } from '../../../lib/cli/vm';
import { parseXml } from '../../../lib/render/xml';
import type { Command, Outcome } from '../../../lib/steps/tools';

/** A host whose virsh writes what it was asked to; the guards are real processes that find it in the PATH. */
class FakeHost {
  public readonly folder = execaSync('mktemp', ['-d']).stdout;
  public readonly said: string[] = [];
  private readonly path = process.env['PATH'];

  constructor(private readonly fails: readonly string[] = []) {
    const script = `#!/bin/sh\necho "$4" >>${this.folder}/log\n`;
    execaSync('sh', ['-c', 'cat >"$1/virsh"; chmod +x "$1/virsh"', 'sh', this.folder], { input: script });
    process.env['PATH'] = `${this.folder}:${this.path}`;
  }

  public get session(): Session {
    const attempt = ({ argv }: Command): Promise<Outcome> => {
      const verb = argv[4] ?? '';
      execaSync('virsh', argv.slice(1));
      const failed = this.fails.includes(verb);
      return Promise.resolve({ exitCode: failed ? 1 : 0, stdout: '', stderr: failed ? 'agent is busy' : '' });
    };
    const tools = { attempt, run: attempt, warn: (line: string) => void this.said.push(line) };
    return { tools, children: new Children() } as unknown as Session;
  }

  public log(): string[] {
    return execaSync('cat', [`${this.folder}/log`], { reject: false })
      .stdout.split('\n')
      .filter(Boolean);
  }

  public end(): void {
    process.env['PATH'] = this.path;
    execaSync('rm', ['-rf', this.folder]);
  }
}

function vm(state: string, agent?: string): Vm {
  const channel = `<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='${agent}'/></channel>`;
  const live = parseXml(`<domain><devices>${agent === undefined ? '' : channel}</devices></domain>`);
  const host = { uri: 'qemu:///system', transport: { type: 'local' } };
  return { spec: { host, name: 'web1' }, found: { state, live }, disks: [] } as unknown as Vm;
}

describe('a VM that is kept still', () => {
  let host: FakeHost;

  afterEach(() => host.end());

  test('is frozen by its agent and thawed after', async () => {
    host = new FakeHost();
    expect(await whileStill(host.session, vm('running', 'connected'), (how) => Promise.resolve(how))).toBe('frozen');
    expect(host.log()).toEqual(['domfsfreeze', 'domfsthaw']);
  });

  test('is thawed when what is done meanwhile fails', async () => {
    host = new FakeHost();
    const work = whileStill(host.session, vm('running', 'connected'), () => Promise.reject(new Error('no space')));
    await expect(work).rejects.toThrow('no space');
    expect(host.log()).toEqual(['domfsfreeze', 'domfsthaw']);
  });

  test('is thawed, and paused instead, when its agent does not freeze it', async () => {
    host = new FakeHost(['domfsfreeze']);
    expect(await whileStill(host.session, vm('running', 'connected'), (how) => Promise.resolve(how))).toBe('paused');
    expect(host.log()).toEqual(['domfsfreeze', 'domfsthaw', 'suspend', 'resume']);
    expect(host.said).toEqual(["the agent of VM 'web1' did not freeze it (agent is busy): pausing it instead"]);
  });

  test('is paused where no agent is connected, and goes on after', async () => {
    host = new FakeHost();
    expect(hasAgent(vm('running', 'disconnected'))).toBe(false);
    expect(await whileStill(host.session, vm('running', 'disconnected'), (how) => Promise.resolve(how))).toBe('paused');
    expect(host.log()).toEqual(['suspend', 'resume']);
  });

  test.each(['shut off', 'paused'])('is left as it is when it is %s', async (state) => {
    host = new FakeHost();
    expect(await whileStill(host.session, vm(state), (how) => Promise.resolve(how))).toBe('off');
    expect(host.log()).toEqual([]);
  });
});
