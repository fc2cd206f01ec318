import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { type ClusterSpec, monitorsIn, NAME_FORMS } from '../../model';
import { Refusal, type Tools } from '../../steps/tools';
import type { Result } from '../command-session';
import { type Answers, DEFAULT_IMAGE, DEFAULT_POOL, DOMAIN_TYPES, DRIVERS, TOOLKITS, toolkitFor } from './answers';
import { findDomainType, findHost, findMonitors, findNetwork, findSshKey } from './find';
import { STACK } from './main-text';
import { projectFiles } from './project';

/** As typed; what is missing is detected, or asked for. */
export interface InitOptions {
  readonly toolkit?: string;
  readonly monitors?: string;
  readonly ssh?: string;
  readonly conf?: string;
  readonly host?: string;
  readonly driver?: string;
  readonly domainType?: string;
  readonly pool?: string;
  readonly image?: string;
  readonly network?: string;
  /** This package, as package.json names it. */
  readonly package?: string;
}

/** Asks the person at the terminal; an empty answer accepts what was found. Undefined without a terminal. */
export type Ask = ((question: string, found: string) => Promise<string>) | undefined;

interface Surroundings {
  readonly tools: Tools;
  readonly ask: Ask;
  /** The version of this package. */
  readonly version: string;
  readonly confFile?: string;
}

/** Writes a project that is ready to be installed and synthesized. Changes nothing in Ceph or libvirt. */
export async function init(folder: string, options: InitOptions, around: Surroundings): Promise<Result> {
  const place = resolve(folder);
  const answers = await answersOf(options, around);
  const name = basename(place)
    .toLowerCase()
    .replace(/^[^a-z0-9]+|[^a-z0-9._-]+/g, '-');
  const source = options.package ?? `^${around.version}`;
  const files = projectFiles(answers, { name, projectId: randomUUID(), source });
  const taken = Object.keys(files).filter((file) => existsSync(join(place, file)));
  if (taken.length > 0)
    throw new Refusal(`'${place}' already has ${taken.join(', ')}`, 'choose another folder', 'file-exists');
  mkdirSync(place, { recursive: true });
  for (const [file, text] of Object.entries(files)) writeFileSync(join(place, file), text, { flag: 'wx' });
  return { json: { folder: place, files: Object.keys(files), ...answers }, lines: linesOf(folder, files, answers) };
}

function linesOf(folder: string, files: object, { toolkit, monitors, host, pool }: Answers): string[] {
  const go = folder === '.' ? '' : `cd ${folder} && `;
  return [
    `${Object.keys(files).join(', ')}: a VM 'web1' on ${host}, its disk in pool '${pool}' of ${monitors.join(', ')}`,
    'next:',
    `  ${go}npm install`,
    `  npx ${toolkit} diff ${STACK}      # shows what would be created`,
    `  npx ${toolkit} deploy ${STACK}`,
  ];
}

async function answersOf(options: InitOptions, { tools, ask, confFile }: Surroundings): Promise<Answers> {
  const conf = options.conf ?? confFile;
  const transport: ClusterSpec['transport'] =
    options.ssh === undefined ? { type: 'local' } : { type: 'ssh', destination: options.ssh };
  const answer = answerer(ask);
  const toolkit = oneOf('--toolkit', options.toolkit ?? toolkitFor(process.versions.node), TOOLKITS);
  const typed = await answer('--monitors', 'Ceph monitors', options.monitors, async () =>
    (await findMonitors(tools, transport, conf)).join(','),
  );
  const monitors = monitorsOf(typed);
  const host = await answer('--host', 'libvirt host', options.host, () => findHost(tools));
  const pool = await answer('--pool', 'Ceph pool to create', options.pool, () => Promise.resolve(DEFAULT_POOL));
  if (!NAME_FORMS.cephName.pattern.test(pool))
    throw new Refusal(`--pool is '${pool}'`, `it must be ${NAME_FORMS.cephName.rule}`, 'option');
  return {
    toolkit,
    monitors,
    ...(conf !== undefined && { confFile: conf }),
    ...(options.ssh !== undefined && { ssh: options.ssh }),
    host,
    driver: oneOf('--driver', options.driver ?? 'provider', DRIVERS),
    domainType: oneOf('--domain-type', options.domainType ?? (await findDomainType(tools, host)), DOMAIN_TYPES),
    pool,
    image: options.image ?? DEFAULT_IMAGE,
    network: options.network ?? (await findNetwork(tools, host)),
    sshKey: findSshKey(homedir()),
  };
}

/** The option if given, or the answer at the terminal, or what was found. */
function answerer(ask: Ask) {
  return async (option: string, what: string, typed: string | undefined, find: () => Promise<string | undefined>) => {
    if (typed !== undefined) return typed;
    const found = (await find()) ?? '';
    const answer = ask === undefined ? found : await ask(what, found);
    if (answer !== '') return answer;
    throw new Refusal(`${option} is missing, and no value was found for it`, `give it: ${what}`, 'option');
  };
}

function monitorsOf(text: string): string[] {
  const monitors = monitorsIn(text);
  if (monitors !== undefined) return monitors;
  throw new Refusal(
    `--monitors is '${text}'`,
    "give hosts or addresses separated by commas: '10.0.0.11,10.0.0.12'",
    'option',
  );
}

function oneOf<T extends string>(option: string, given: string, among: readonly T[]): T {
  const found = among.find((one) => one === given);
  if (found !== undefined) return found;
  throw new Refusal(`${option} is '${given}'`, `give one of ${among.join(', ')}`, 'option');
}
