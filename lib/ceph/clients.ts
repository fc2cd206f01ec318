/** Capabilities by daemon type, as Ceph holds them: 'osd' -> 'profile rbd pool=a, profile rbd pool=b'. */
export type Caps = { readonly [daemon: string]: string | undefined };

/** Somebody who is connected to a monitor. */
export interface Session {
  /** 4151 of "client.4151", as the watchers of images are named. */
  readonly client: number;
  /** "10.0.0.21:0/626011963" */
  readonly address?: string;
}

/** Never a key: neither what is asked nor what is answered holds one. */
export interface CephClients {
  /** Undefined: there is no such entity. */
  clientCaps(of: { readonly entity: string }): Promise<Caps | undefined>;
  /** SHA-256 of its key, in hexadecimal, made where Ceph's commands run. Undefined: there is no such entity. */
  keyDigest(of: { readonly entity: string }): Promise<string | undefined>;
  /** With a new key; one that is there is an error, unless it has just these. */
  addClient(client: { readonly entity: string; readonly caps: Caps }): Promise<void>;
  /** All that it has from then on. */
  setClientCaps(client: { readonly entity: string; readonly caps: Caps }): Promise<void>;
  removeClient(of: { readonly entity: string }): Promise<void>;
  /** Who is connected as an entity, whatever for: a VM is as long as it runs. */
  sessions(of: { readonly entity: string }): Promise<readonly Session[]>;
  /** How long what is connected goes on by a key that was replaced. */
  ticketSeconds(): Promise<number>;
}
