import type { Method } from './command-texts';

const IMAGE = ['pool', 'name'] as const;
const MADE = [...IMAGE, 'objectSize', 'dataPool', 'features'] as const;

/** What each request accepts. Callers may pass more, such as a whole spec: other members do not leave the script. */
export const PARAMETERS: { readonly [M in Method]: readonly string[] } = {
  monitors: [],
  pool: ['name'],
  poolNames: [],
  poolContents: ['name'],
  crushRule: ['name'],
  createPool: ['name', 'pgNum', 'autoscaleMode', 'size', 'crushRule'],
  setPool: ['name', 'key', 'value'],
  initPool: ['name'],
  deletePool: ['name'],
  clientCaps: ['entity'],
  keyDigest: ['entity'],
  addClient: ['entity', 'caps'],
  setClientCaps: ['entity', 'caps'],
  removeClient: ['entity'],
  sessions: ['entity'],
  ticketSeconds: [],
  configKey: ['key'],
  configKeys: ['prefix'],
  setConfigKey: ['key', 'value'],
  removeConfigKey: ['key'],
  image: IMAGE,
  watchers: IMAGE,
  imageNames: ['pool'],
  imagesInUse: ['pool'],
  imageSpace: IMAGE,
  children: [...IMAGE, 'snapshot'],
  isRemovalInterrupted: IMAGE,
  createImage: [...MADE, 'size'],
  cloneImage: [...MADE, 'parent'],
  growImage: [...IMAGE, 'size'],
  renameImage: [...IMAGE, 'to'],
  trashImage: [...IMAGE, 'delaySeconds'],
  removeImage: IMAGE,
  flattenImage: IMAGE,
  setMetadata: [...IMAGE, 'key', 'value'],
  removeMetadata: [...IMAGE, 'key'],
  createSnapshot: [...IMAGE, 'snapshot'],
  removeSnapshot: [...IMAGE, 'snapshot'],
  trash: ['pool'],
  purgeTrash: ['pool', 'id', 'snapshot'],
  restoreFromTrash: ['pool', 'id', 'name'],
  takeLock: ['pool', 'image', 'holder'],
  releaseLock: ['lock'],
  setLocksExpire: ['expire'],
};

/** The part of the caller's input that the request accepts. */
export function parametersOf(method: Method, given: Given = {}): { [name: string]: unknown } {
  const taken = pick(given, PARAMETERS[method]);
  return 'parent' in taken ? { ...taken, parent: pick(taken['parent'] as Given, [...IMAGE, 'snapshot']) } : taken;
}

type Given = { readonly [name: string]: unknown };

function pick(given: Given, names: readonly string[]): { [name: string]: unknown } {
  return Object.fromEntries(names.flatMap((name) => (given[name] === undefined ? [] : [[name, given[name]]])));
}
