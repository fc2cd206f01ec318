import {
  element,
  find,
  findAll,
  parseXml,
  removeChild,
  renderXml,
  textAt,
  type XmlElement,
} from '../../lib/render/xml';
import type { Command, Outcome, RunOptions } from '../../lib/steps/tools';

/** libvirt's definition of a VM or a storage pool, and its running XML. */
interface Kept {
  definition?: XmlElement;
  live?: XmlElement;
  autostart: boolean;
}
interface HostDomain extends Kept {
  state: string;
}
interface HostSecret {
  definition: XmlElement;
  value?: string;
}

/** What virsh prints on standard error. */
class Said extends Error {}

/**
 * A libvirt host in memory, as virsh shows it: VMs, storage pools and secrets, as far as the steps use them. Guests
 * obey at once. test/contract/libvirt.ts ensures that it behaves like a real one.
 */
export class FakeHost {
  public readonly domains = new Map<string, HostDomain>();
  public readonly pools = new Map<string, Kept>();
  public readonly secrets = new Map<string, HostSecret>();
  /** Each call of virsh, in order: "pool-define /dev/stdin". */
  public readonly calls: string[] = [];
  /** Called before a command is carried out; an error is what virsh says about it. */
  public before: (line: string) => void = () => undefined;

  public answer({ argv }: Command, { input = '' }: RunOptions = {}): Outcome {
    const words = argv.slice(argv.indexOf('--connect') + 2);
    this.calls.push(words.join(' '));
    const script = words.length === 1 ? (words[0] ?? '').split('; ').map((line) => line.split(' ')) : [words];
    const outcome = { exitCode: 0, stdout: '', stderr: '' };
    for (const [name = '', ...args] of script) {
      try {
        this.before([name, ...args].join(' '));
        outcome.stdout += `${this.command(name, args, input)}\n`;
        outcome.exitCode = 0;
      } catch (error) {
        outcome.stderr += `error: ${error instanceof Error ? error.message : String(error)}\n`;
        outcome.exitCode = 1;
      }
    }
    return { ...outcome, stdout: outcome.stdout.replace(/\n$/, '') };
  }

  private command(name: string, args: readonly string[], input: string): string {
    const [first = ''] = args.filter((word) => !word.startsWith('--'));
    if (name === 'echo') return first;
    if (name.startsWith('secret-')) return this.secret(name, first, input);
    if (name.startsWith('pool-')) return this.pool(name, first, args, input);
    return this.domain(name, first, args, input);
  }

  private secret(name: string, uuid: string, input: string): string {
    if (name === 'secret-list') {
      const rows = [...this.secrets].map(
        ([one, { definition }]) => ` ${one}   ceph ${textAt(definition, 'usage/name')}`,
      );
      return rows.join('\n');
    }
    if (name === 'secret-define') return this.defineSecret(parseXml(input));
    const found = this.secrets.get(uuid);
    if (!found)
      throw new Said(`failed to get secret '${uuid}'\nerror: Secret not found: no secret with matching uuid '${uuid}'`);
    switch (name) {
      case 'secret-dumpxml':
        return renderXml(found.definition);
      case 'secret-set-value':
        found.value = input;
        return '';
      case 'secret-get-value':
        if (found.definition.attributes['private'] === 'yes')
          throw new Said('Requested operation is not valid: secret is private');
        if (found.value === undefined) throw new Said(`Secret not found: secret '${uuid}' does not have a value`);
        return found.value;
      case 'secret-undefine':
        this.secrets.delete(uuid);
        return '';
    }
    throw new Error(`the host in memory knows no '${name}'`);
  }

  private defineSecret(definition: XmlElement): string {
    const uuid = textAt(definition, 'uuid') ?? '';
    const usage = textAt(definition, 'usage/name');
    const [other] = [...this.secrets].filter(
      ([one, it]) => one !== uuid && textAt(it.definition, 'usage/name') === usage,
    );
    if (other) throw new Said(`internal error: a secret with UUID ${other[0]} already defined for use with ${usage}`);
    const found = this.secrets.get(uuid);
    if (found?.definition.attributes['private'] === 'yes' && definition.attributes['private'] !== 'yes') {
      throw new Said('internal error: cannot change private flag on existing secret');
    }
    this.secrets.set(uuid, { ...found, definition });
    return '';
  }

  private pool(name: string, pool: string, args: readonly string[], input: string): string {
    if (name === 'pool-list') return this.list(this.pools, args);
    if (name === 'pool-define') return this.define(this.pools, parseXml(input));
    if (name === 'pool-create') {
      const live = parseXml(input);
      this.pools.set(textAt(live, 'name') ?? '', { live, autostart: false });
      return '';
    }
    const missing = `failed to get pool '${pool}'\nerror: Storage pool not found: no storage pool with matching name '${pool}'`;
    const found = this.named(this.pools, pool, missing);
    const answer = ofBoth(name.replace('pool-', ''), found, args);
    if (answer !== undefined) return answer;
    switch (name) {
      case 'pool-info': {
        const [state, kept, auto] = [found.live ? 'running' : 'inactive', yes(found.definition), yes(found.autostart)];
        return `Name:           ${pool}\nState:          ${state}\nPersistent:     ${kept}\nAutostart:      ${auto}`;
      }
      case 'pool-destroy':
        return this.end(this.pools, pool, found, 'storage pool');
      case 'pool-undefine':
        if (found.live) throw new Said(`Requested operation is not valid: storage pool '${pool}' is still active`);
        this.pools.delete(pool);
        return '';
    }
    throw new Error(`the host in memory knows no '${name}'`);
  }

  private domain(name: string, domain: string, args: readonly string[], input: string): string {
    if (name === 'list') return this.list(this.domains, args);
    if (name === 'domcapabilities') return '<domainCapabilities/>';
    if (name === 'define') return this.define(this.domains, parseXml(input), { state: 'shut off (unknown)' });
    const found = this.named(this.domains, domain, `failed to get domain '${domain}'`);
    if (name === 'start') found.state = 'running (booted)';
    const answer = ofBoth(name, found, args);
    if (answer !== undefined) return answer;
    switch (name) {
      case 'domstate':
        return found.state;
      case 'dominfo':
        return `Persistent:     ${yes(found.definition)}\nAutostart:      ${found.autostart ? 'enable' : 'disable'}\nManaged save:   no`;
      case 'domjobinfo':
        if (!found.live) throw new Said('Requested operation is not valid: domain is not running');
        return 'Job type:         None';
      case 'suspend':
        found.state = 'paused (user)';
        return '';
      case 'resume':
        found.state = 'running (unpaused)';
        return '';
      case 'shutdown':
      case 'destroy':
        found.state = `shut off (${name === 'destroy' ? 'destroyed' : 'shutdown'})`;
        return this.end(this.domains, domain, found, 'domain');
      case 'undefine':
        delete found.definition;
        if (!found.live) this.domains.delete(domain);
        return '';
    }
    for (const tree of changed(found, args)) change(tree, name, args, input);
    return '';
  }

  /** By its name, or by its UUID. */
  private named<T extends Kept>(of: ReadonlyMap<string, T>, name: string, missing: string): T {
    const found = of.get(name) ?? [...of.values()].find((one) => uuidOf(one) === name);
    if (found === undefined) throw new Said(missing);
    return found;
  }

  private list(of: ReadonlyMap<string, Kept>, args: readonly string[]): string {
    const shown = [...of].filter(([, { live }]) => live !== undefined || args.includes('--all'));
    return shown.map(([name, one]) => (args.includes('--uuid') ? uuidOf(one) : name)).join('\n');
  }

  private define<T extends Kept>(of: Map<string, T>, definition: XmlElement, anew: object = {}): string {
    const name = textAt(definition, 'name') ?? '';
    const found = of.get(name);
    const known = found && uuidOf(found);
    if (known !== undefined && known !== textAt(definition, 'uuid')) {
      throw new Said(`operation failed: '${name}' already exists with uuid ${known}`);
    }
    of.set(name, { autostart: false, ...anew, ...found, definition } as unknown as T);
    return '';
  }

  private end<T extends Kept>(of: Map<string, T>, name: string, found: T, what: string): string {
    if (!found.live) throw new Said(`Requested operation is not valid: ${what} '${name}' is not active`);
    delete found.live;
    if (!found.definition) of.delete(name);
    return '';
  }
}

function uuidOf({ definition, live }: Kept): string {
  return textAt((definition ?? live) as XmlElement, 'uuid') ?? '';
}

function yes(is: unknown): string {
  return is ? 'yes' : 'no';
}

/** Commands that domains and pools share; undefined for any other command. */
function ofBoth(command: string, found: Kept, args: readonly string[]): string | undefined {
  switch (command) {
    case 'dumpxml':
      return dump(found, args);
    case 'autostart':
      found.autostart = !args.includes('--disable');
      return '';
    case 'start':
      found.live = structuredClone(found.definition);
      return '';
  }
  return undefined;
}

function dump({ definition, live }: Kept, args: readonly string[]): string {
  const shown = args.includes('--inactive') ? (definition ?? live) : (live ?? definition);
  return renderXml(shown as XmlElement);
}

/** What a command with options changes; like virsh, the definition if the VM is off. */
function changed({ definition, live }: HostDomain, args: readonly string[]): XmlElement[] {
  const trees = [args.includes('--config') ? definition : undefined, args.includes('--live') ? live : undefined];
  if (args.includes('--live') && !live) throw new Said('Requested operation is not valid: domain is not running');
  return trees.flatMap((tree) => tree ?? []);
}

function change(domain: XmlElement, name: string, args: readonly string[], input: string): void {
  const devices = find(domain, 'devices') as XmlElement;
  const option = (word: string): string => args[args.indexOf(word) + 1] ?? '';
  switch (name) {
    case 'attach-device':
      devices.children.push(parseXml(input));
      return;
    case 'detach-disk': {
      const disk = findAll(devices, 'disk').find((one) => find(one, 'target')?.attributes['dev'] === args[1]);
      if (!disk) throw new Said(`No disk found whose source path or target is ${args[1]}`);
      removeChild(devices, disk);
      return;
    }
    case 'metadata': {
      const metadata = find(domain, 'metadata') ?? element('metadata');
      if (!domain.children.includes(metadata)) domain.children.push(metadata);
      const namespace = { [`xmlns:${option('--key')}`]: option('--uri') };
      const old = metadata.children.filter(
        (one) => typeof one !== 'string' && Object.values(one.attributes).includes(option('--uri')),
      ) as XmlElement[];
      old.forEach((one) => removeChild(metadata, one));
      if (!args.includes('--set')) return;
      const set = parseXml(option('--set'));
      metadata.children.push({ ...set, name: `${option('--key')}:${set.name}`, attributes: namespace });
      return;
    }
  }
  throw new Error(`the host in memory knows no '${name}'`);
}
