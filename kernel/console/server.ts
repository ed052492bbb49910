import type { AddressInfo } from 'node:net';
import { userInfo } from 'node:os';
import { type CloseCode, closeCodes } from './channel.ts';
import type { Key } from './auth.ts';
import { Connection, type Known, type Services } from './connection.ts';
import { createHttp } from './http.ts';
import type { Channel } from './channel.ts';
import { LARGEST_MESSAGE } from './protocol.ts';
import { listenUnix, type UnixServer } from './unix.ts';
import { webSockets } from './websocket.ts';

export interface ConsoleOptions {
  readonly services: Services;
  /** Where to listen for HTTP and WebSockets; port 0 takes a free one; undefined: not at all. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined;
  /** The state directory, for the unix socket. */
  readonly directory?: string | undefined;
  /** Names and addresses, besides loopback, under which browsers may ask. */
  hosts?(): readonly string[];
}

export interface Console {
  /** 'http://127.0.0.1:8080/'; undefined when it does not listen. */
  readonly url: string | undefined;
  readonly socket: string | undefined;
  /** How many clients there are, and how many of them have authenticated. */
  readonly clients: { readonly all: number; readonly authenticated: number };
  close(): Promise<void>;
}

/** Above this the client that has waited longest without authenticating gives way. */
const MOST_STRANGERS = 256;
const MOST_CLIENTS = 1024;

/** The address with the token in the fragment, which browsers never send anywhere. */
export const urlWith = (url: string, key: Key | undefined): string => (key === undefined ? url : `${url}#${key.token}`);

/** Opens the doors of the console. Throws when an address is taken. */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { services } = options;
  const connections = new Set<Connection>();
  const admit = (channel: Channel, known?: Known): void => {
    const strangers = [...connections].filter((c) => !c.authenticated);
    if (known === undefined && strangers.length >= MOST_STRANGERS) strangers[0]!.close(closeCodes.tooMuch, 'too many clients wait for authentication');
    const connection = new Connection(channel, services, known, (gone) => connections.delete(gone));
    connections.add(connection);
    if (connections.size > MOST_CLIENTS) connection.close(closeCodes.tooMuch, `${MOST_CLIENTS} clients are connected already`);
  };
  const sockets = webSockets(services.clock);
  const http = options.listen === undefined ? undefined : createHttp({
    version: services.version,
    hosts: () => options.hosts?.() ?? [],
    upgrade: (request, socket, head) => sockets.accept(request, socket, head, admit),
  });
  const owner: Known = { author: `unix ${userInfo().username}`, access: 'write' };
  const unix: UnixServer | undefined = options.directory === undefined ? undefined : await listenUnix(options.directory, LARGEST_MESSAGE, (channel) => admit(channel, owner));
  try {
    if (http !== undefined) await listening(http, options.listen!);
  } catch (e) {
    await unix?.close();
    throw e;
  }
  const farewell = (code: CloseCode, reason: string): void => { for (const c of [...connections]) c.close(code, reason); };
  return {
    url: http === undefined ? undefined : urlOf(http.address() as AddressInfo),
    socket: unix?.path,
    get clients() { return { all: connections.size, authenticated: [...connections].filter((c) => c.authenticated).length }; },
    close: async () => {
      farewell(closeCodes.goingAway, 'the router stops');
      await unix?.close();
      if (http === undefined) return;
      http.closeAllConnections();
      await new Promise<void>((resolve) => http.close(() => resolve()));
    },
  };
}

const listening = (server: ReturnType<typeof createHttp>, at: { readonly host: string; readonly port: number }): Promise<void> => new Promise((resolve, reject) => {
  server.once('error', reject);
  server.listen(at.port, at.host, () => {
    server.off('error', reject);
    resolve();
  });
});

function urlOf({ address, family, port }: AddressInfo): string {
  const host = address === '0.0.0.0' || address === '::' ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}/`;
}
