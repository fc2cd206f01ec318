import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Watcher } from '../../../lib/ceph';
import { Children, Stopped } from '../../../lib/exec/children';
import type { Session } from '../../../lib/cli/command-session';
import { hasAgent, type Quiesced, whileQuiesced } from '../../../lib/vm-snapshots/quiesce';
import type { Vm } from '../../../lib/vm-snapshots/vm';
import { parseXml } from '../../../lib/render/xml';
import type { Command, Outcome } from '../../../lib/steps/tools';

/** For each verb, a piece of shell that virsh runs; "$n" counts the calls of that verb. */
interface Answers {
  readonly [verb: string]: string;
}

/** Come before the real programs in the PATH: a `sleep` takes no time, it moves the clock that `date` reads. */
const SLEEP = 'echo $(($(cat "$0.clock" 2>/dev/null || echo 0) + $1)) >"$0.clock"';
const DATE = 'cat "${0%date}sleep.clock" 2>/dev/null || echo 0';

/** A host whose virsh records what it was told; the processes that hold VMs are real, and find it in the PATH. */
class FakeHost {
  public readonly folder = mkdtempSync(join(tmpdir(), 'quiesce-'));
  public readonly said: string[] = [];
  public readonly children = new Children();
  /** What the next look prints. */
  public state = 'shut off';
  /** How many clients have its disk open at each look; the last number applies to all later looks. */
  public watchers = [0];
  private readonly path = process.env['PATH'];

  constructor(answers: Answers = {}) {
    const cases = Object.entries(answers).map(([verb, shell]) => `${verb}) ${shell} ;;`);
    const virsh = `[ "$3" = domstate ] || echo "$3" >>${this.folder}/log
n=$(grep -c "^$3$" ${this.folder}/log)
case $3 in
${cases.join('\n')}
esac
`;
    for (const [name, shell] of Object.entries({ virsh, sleep: SLEEP, date: DATE }))
      writeFileSync(join(this.folder, name), `#!/bin/sh\n${shell}\n`, { mode: 0o755 });
    process.env['PATH'] = `${this.folder}:${this.path}`;
  }

  public get session(): Session {
    const attempt = ({ argv }: Command): Promise<Outcome> => {
      const xml = '<domain><name>web1</name></domain>';
      const stdout = argv[0] === 'virsh' ? `${this.state} (x)\n${xml}\n${xml}` : '';
      return Promise.resolve({ exitCode: 0, stdout, stderr: '' });
    };
    const say = (line: string): void => void this.said.push(line);
    const sleep = (seconds: number): Promise<void> => {
      jest.setSystemTime(Date.now() + seconds * 1000);
      return Promise.resolve();
    };
    const ceph = () => ({ watchers: () => Promise.resolve(this.watching()), image: () => Promise.resolve(undefined) });
    const tools = { attempt, ceph, say, warn: say, sleep };
    return { tools, children: this.children } as unknown as Session;
  }

  public still(state: string, agent?: string, work = () => Promise.resolve(), undo = 5): Promise<Quiesced> {
    return whileQuiesced(this.session, vm(state, agent), work, { hold: 5, undo });
  }

  private watching(): Watcher[] {
    const count = (this.watchers.length > 1 ? this.watchers.shift() : this.watchers[0]) ?? 0;
    return Array.from({ length: count }, (_, client) => ({ address: `10.0.0.2${client}:0/1`, client }));
  }

  public log(): string[] {
    const file = join(this.folder, 'log');
    return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
  }

  public end(): void {
    process.env['PATH'] = this.path;
    rmSync(this.folder, { recursive: true });
  }
}

function vm(state: string, agent?: string): Vm {
  const channel = `<channel type='unix'><target type='virtio' name='org.qemu.guest_agent.0' state='${agent}'/></channel>`;
  const live = parseXml(`<domain><devices>${agent === undefined ? '' : channel}</devices></domain>`);
  const host = { uri: 'qemu:///system', transport: { type: 'local' } };
  const cluster = { monitors: ['10.0.0.11'], transport: { type: 'local' } };
  const disks = [{ target: 'vda', imageSpec: 'vms/root', image: { cluster, pool: 'vms', name: 'root' } }];
  return {
    spec: { host, name: 'web1', cluster },
    found: state === 'absent' ? undefined : { state, live },
    disks,
  } as unknown as Vm;
}

describe('A quiesced VM', () => {
  let host: FakeHost;

  afterEach(() => {
    jest.useRealTimers();
    host.end();
  });

  test('is frozen by its agent and thawed afterwards', async () => {
    host = new FakeHost();
    expect(await host.still('running', 'connected')).toBe('frozen');
    expect(host.log()).toEqual(['domfsfreeze', 'domfsthaw']);
  });

  test('is thawed when the work in between fails', async () => {
    host = new FakeHost();
    const work = host.still('running', 'connected', () => Promise.reject(new Error('no space')));
    await expect(work).rejects.toThrow('no space');
    expect(host.log()).toEqual(['domfsfreeze', 'domfsthaw']);
  });

  test('is thawed, and paused instead, when its agent does not freeze it', async () => {
    host = new FakeHost({ domfsfreeze: 'echo agent is busy >&2; exit 1', domfsthaw: 'echo Thawed 0 filesystems' });
    expect(await host.still('running', 'connected')).toBe('paused');
    expect(host.log()).toEqual(['domfsfreeze', 'domfsthaw', 'suspend', 'resume']);
    expect(host.said).toEqual([
      "the guest agent of VM 'web1' did not freeze its file systems (agent is busy): pausing the VM instead",
    ]);
  });

  test('is thawed, and paused instead, when its agent froze no file system', async () => {
    host = new FakeHost({ domfsfreeze: 'echo Froze 0 filesystems', domfsthaw: 'echo Thawed 0 filesystems' });
    expect(await host.still('running', 'connected')).toBe('paused');
    expect(host.log()).toEqual(['domfsfreeze', 'domfsthaw', 'suspend', 'resume']);
  });

  test('is paused when no agent is connected, and resumed afterwards', async () => {
    host = new FakeHost();
    expect(hasAgent(vm('running', 'disconnected'))).toBe(false);
    expect(await host.still('running', 'disconnected')).toBe('paused');
    expect(host.log()).toEqual(['suspend', 'resume']);
  });

  test('fails when it can be neither frozen nor paused', async () => {
    host = new FakeHost({ suspend: 'echo domain is not running >&2; exit 1' });
    await expect(host.still('running')).rejects.toThrow('is not running');
    expect(host.log()).toEqual(['suspend', 'resume']);
  });

  test.each([
    ['shut off', 'off'],
    ['paused', 'already-paused'],
  ])('is left unchanged when it is %s, and looked at again', async (state, how) => {
    host = new FakeHost();
    host.state = state;
    expect(await host.still(state)).toBe(how);
    host.state = 'running';
    expect(await host.still(state)).toBe('lapsed');
    expect(host.log()).toEqual([]);
  });

  test.each([
    ['shut off', 0],
    ['paused', 1],
  ])(
    'may be %s on its host and run elsewhere: then nothing is done, and the client that has a disk open is named',
    async (state, own) => {
      jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
      host = new FakeHost();
      host.state = state;
      host.watchers = [own + 1];
      const work = jest.fn(() => Promise.resolve());
      await expect(host.still(state, undefined, work)).rejects.toThrow(
        /^VM 'web1' is (shut off|paused) on qemu:\/\/\/system, but image 'vms\/root' is open by client\.0 at .*: it may run elsewhere; if it does, migrate it back or shut it down there, then try again$/,
      );
      expect(work).not.toHaveBeenCalled();
      expect(host.said).toEqual([expect.stringMatching(/is open by client\.0 at .*: waiting up to 35 s$/)]);
    },
  );

  test('is waited for while the client of a dead host has its disk open', async () => {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
    host = new FakeHost();
    host.watchers = [1, 1, 0];
    expect(await host.still('absent')).toBe('off');
  });

  test.each([
    ['shut off', 0],
    ['absent', 0],
    ['paused', 1],
  ])('is distinguished from one that ran elsewhere in the meantime: %s', async (state, own) => {
    host = new FakeHost();
    host.state = state === 'paused' ? state : 'shut off';
    host.watchers = [own, own + 1];
    expect(await host.still(state)).toBe('lapsed');
  });

  test('is thawed again and again until that works', async () => {
    host = new FakeHost({ domfsthaw: '[ $n -gt 2 ] || { echo cannot acquire state change lock >&2; exit 1; }' });
    expect(await host.still('running', 'connected')).toBe('frozen');
    expect(host.log()).toEqual(['domfsfreeze', 'domfsthaw', 'domfsthaw', 'domfsthaw']);
    expect(host.said).toEqual([
      "VM 'web1' is not resumed yet (cannot acquire state change lock): trying again for 5 s",
    ]);
  }, 30_000);

  test.each([
    ['connected', 'domfsthaw', 'its file systems may still be frozen'],
    ['disconnected', 'resume', 'it is still paused'],
  ])(
    'fails with the command to type when it does not resume: agent %s, %s',
    async (agent, undo, is) => {
      host = new FakeHost({ [undo]: 'echo agent is gone >&2; exit 1', domstate: 'echo running' });
      const line = `'virsh --connect qemu:///system ${undo} web1'`;
      await expect(host.still('running', agent, undefined, 1)).rejects.toThrow(
        `VM 'web1' was not resumed, ${is} (agent is gone); run ${line}`,
      );
      const failing = host.still('running', agent, () => Promise.reject(new Error('no space')), 0);
      await expect(failing).rejects.toThrow(`(agent is gone); before that: the snapshot: no space; run`);
    },
    30_000,
  );

  test('is not waited for when it was shut off in the meantime', async () => {
    host = new FakeHost({ resume: 'echo domain is not running >&2; exit 1', domstate: 'echo shut off' });
    expect(await host.still('running')).toBe('paused');
    expect(host.log()).toEqual(['suspend', 'resume']);
  });

  test.each([
    ['connected', 'domfsthaw', 'echo Thawed 0 filesystems'],
    ['connected', 'domfsthaw', "echo couldn\\'t hold writes: fsfreeze is limited up to 10 seconds >&2; exit 1"],
    ['disconnected', 'resume', 'echo domain is already running >&2; exit 1'],
  ])('is distinguished from one that did not stay quiesced: agent %s, %s: %s', async (agent, undo, answer) => {
    host = new FakeHost({ [undo]: answer });
    expect(await host.still('running', agent)).toBe('lapsed');
    expect(host.log()).toHaveLength(2);
  });

  test('is thawed after its freeze has ended when the freeze is interrupted', async () => {
    host = new FakeHost({
      domfsfreeze: 'command -p sleep 0.5; echo frozen >>$0.end',
      domfsthaw: 'cat $0.end >>${0%virsh}log',
    });
    const work = jest.fn(() => Promise.resolve());
    const still = host.still('running', 'connected', work);
    host.children.stopAll(new Stopped('it was stopped by SIGINT', 130));
    await expect(still).rejects.toThrow('stopped by SIGINT');
    expect(host.log()).toEqual(['domfsfreeze', 'domfsthaw', 'frozen']);
    expect(work).not.toHaveBeenCalled();
  });
});
