/** Capabilities by daemon type, as Ceph holds them: 'osd' -> 'profile rbd pool=a, profile rbd pool=b'. */
export type Caps = { readonly [daemon: string]: string | undefined };

/** A client that is connected to a monitor. */
export interface ClientSession {
  /** 4151 of "client.4151", as the watchers of images are named. */
  readonly client: number;
  /** "10.0.0.21:0/626011963" */
  readonly address?: string;
}

/** Keys are in neither requests nor answers. */
export interface CephClients {
  /** Undefined: there is no such entity. */
  clientCaps(of: { readonly entity: string }): Promise<Caps | undefined>;
  /** SHA-256 of its key, in hexadecimal, computed where Ceph's commands run. Undefined: there is no such entity. */
  keyDigest(of: { readonly entity: string }): Promise<string | undefined>;
  /** With a new key; an existing entity is an error, unless it has exactly these. */
  addClient(client: { readonly entity: string; readonly caps: Caps }): Promise<void>;
  /** Replaces all that it has. */
  setClientCaps(client: { readonly entity: string; readonly caps: Caps }): Promise<void>;
  removeClient(of: { readonly entity: string }): Promise<void>;
  /** Who is connected as an entity, for any purpose: a running VM is. */
  sessions(of: { readonly entity: string }): Promise<readonly ClientSession[]>;
  /** How long connected clients can continue with a key that was replaced. */
  ticketSeconds(): Promise<number>;
}
