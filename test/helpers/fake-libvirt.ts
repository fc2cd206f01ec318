import type { Ceph } from '../../lib/ceph';
import { parseXml, renderXml, type XmlElement } from '../../lib/render/xml';
import type { Command, Outcome, Tools } from '../../lib/steps/tools';

/**
 * One VM, for decisions that the lab cannot bring about: it takes on one state after another, and `sleep` moves the
 * clock.
 */
export class FakeLibvirt {
  /** Each command of virsh except the looks: "shutdown web1". */
  public readonly commands: string[] = [];
  /** The images whose users were asked for. */
  public readonly asked: string[] = [];
  public readonly said: string[] = [];
  /** What virsh answers to a command; by default success, without output. */
  public readonly fails = new Map<string, string>();
  /** The images that were locked, in order. */
  public readonly locked: string[] = [];
  /** The content of a managed save; undefined if there is none. */
  public saved: XmlElement | undefined;
  /** False: it runs, but is no longer defined. */
  public persistent = true;

  /** `state` is called with the commands so far; undefined: there is no such VM. */
  constructor(
    private readonly state: (commands: readonly string[]) => string | undefined,
    private readonly xml: XmlElement,
    /** The definition, if it differs from what runs. */
    private definition = xml,
  ) {
    jest.useFakeTimers({ doNotFake: ['nextTick', 'setImmediate'] });
  }

  public get tools(): Tools {
    const attempt: Tools['attempt'] = (command, { input } = {}) => Promise.resolve(this.answer(command, input));
    return {
      run: async (command) => {
        const { exitCode, stdout, stderr } = await attempt(command);
        if (exitCode !== 0) throw new Error(stderr);
        return stdout;
      },
      attempt,
      // Every image exists, and nobody has it open.
      ceph: () => {
        const watchers: Ceph['watchers'] = ({ pool, name }) => {
          this.asked.push(`${pool}/${name}`);
          return Promise.resolve([]);
        };
        return {
          watchers,
          image: () => Promise.resolve({ metadata: {}, watchers: [], locks: [] }),
          clientCaps: () => Promise.resolve({ mon: 'profile rbd' }),
        } as unknown as Ceph;
      },
      pipe: () => Promise.reject(new Error('nothing is piped here')),
      digest: () => Promise.reject(new Error('nothing is digested here')),
      pipeKey: () => Promise.reject(new Error('no key is piped here')),
      withLock: (lock, work) => {
        if ('image' in lock) this.locked.push(`${lock.pool}/${lock.image}`);
        return work();
      },
      say: (line) => void this.said.push(line),
      warn: (line) => void this.said.push(`Warning: ${line}`),
      sleep: (seconds) => {
        jest.setSystemTime(Date.now() + seconds * 1000);
        return Promise.resolve();
      },
    };
  }

  private answer({ argv }: Command, input?: string): Outcome {
    const line = argv.slice(argv[0] === 'virsh' ? 4 : 0).join(' ');
    if (argv[0] === 'rbd') {
      return { exitCode: 0, stdout: '{}', stderr: '' };
    }
    if (line.startsWith('domstate')) return this.look();
    if (line.startsWith('domcapabilities')) return { exitCode: 0, stdout: '<domainCapabilities/>', stderr: '' };
    if (line.startsWith('managedsave-dumpxml') && this.saved)
      return { exitCode: 0, stdout: renderXml(this.saved), stderr: '' };
    this.commands.push(line);
    const stderr = this.fails.get(line) ?? '';
    if (stderr === '' && line.startsWith('define ')) this.definition = parseXml(input ?? '');
    return { exitCode: stderr === '' ? 0 : 1, stdout: '', stderr };
  }

  private look(): Outcome {
    const state = this.state(this.commands);
    if (state === undefined) return { exitCode: 1, stdout: '', stderr: "error: failed to get domain 'web1'\n" };
    const persistent = this.persistent ? 'yes' : 'no';
    const info = `Persistent:     ${persistent}\nAutostart:      disable\nManaged save:   ${this.saved ? 'yes' : 'no'}\n`;
    const xml = [this.definition, this.xml].map(renderXml).join('');
    return { exitCode: 0, stdout: `${state}\n${info}${xml}`, stderr: '' };
  }
}
