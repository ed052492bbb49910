import type { IncomingMessage, ServerResponse } from 'node:http';
import { userInfo } from 'node:os';
import type { Duplex } from 'node:stream';
import { getRequestListener, RequestError } from '@hono/node-server';
import { accountsInMemory } from './account-file.ts';
import { Accounts } from './accounts.ts';
import { type Key, refuseOrigin } from './auth.ts';
import { callerByCertificate, callerByCookie, foreignOrigin, isSecure } from './caller.ts';
import { type Channel, type CloseCode, closeCodes } from './channel.ts';
import { Connection, type Known, type Services } from './connection.ts';
import { Doors } from './doors.ts';
import { httpDoor, type HttpHandlers, httpsDoor } from './http.ts';
import { LARGEST_MESSAGE } from './protocol.ts';
import { remoteSchema } from './remote.ts';
import { Sessions } from './sessions.ts';
import type { Certificates } from './tls.ts';
import { listenUnix, type UnixServer } from './unix.ts';
import { hostsFor, safeHeaders, webApp, type WebOptions } from './web.ts';
import { webSockets } from './websocket.ts';

export interface ConsoleOptions extends Partial<Omit<WebOptions, 'version' | 'gate' | 'hosts' | 'report'>> {
  readonly services: Services;
  /** The doors that the settings of remote management open. */
  readonly doors?: Doors | undefined;
  /** Without doors: where to listen for HTTP; port 0 takes a free one; undefined: not at all. */
  readonly listen?: { readonly host: string; readonly port: number } | undefined;
  /** Offers HTTPS too. */
  readonly certificates?: Certificates | undefined;
  /** An address for HTTP that cannot be had: false goes on without it, and `doors.problems` tells; default true throws. */
  readonly mustListen?: boolean | undefined;
  /** The state directory, for the unix socket. */
  readonly directory?: string | undefined;
  /** Names and addresses, besides loopback, under which browsers may ask. */
  hosts?(): readonly string[];
  report?(error: unknown): void;
}

export interface Console {
  /** 'http://127.0.0.1:8080/'; undefined when it does not listen. */
  readonly url: string | undefined;
  /** The same for HTTPS. */
  readonly secureUrl: string | undefined;
  readonly socket: string | undefined;
  /** How many clients there are, and how many of them have authenticated. */
  readonly clients: { readonly all: number; readonly authenticated: number };
  close(): Promise<void>;
}

/** Above this the client that has waited longest without authenticating gives way. */
const MOST_STRANGERS = 256;
const MOST_CLIENTS = 1024;
/** Of one log-in or token: no single account keeps the others out. */
const MOST_OF_ONE = 128;

/** The address with the token in the fragment, which browsers never send anywhere. */
export const urlWith = (url: string, key: Key | undefined): string => (key === undefined ? url : `${url}#${key.token}`);

/** Opens the doors of the console. Throws when the address for HTTP is taken. */
export async function startConsole(options: ConsoleOptions): Promise<Console> {
  const { services } = options;
  const report = options.report ?? (() => {});
  const accounts = options.accounts ?? await Accounts.open({ file: accountsInMemory(), clock: services.clock });
  const sessions = options.sessions ?? new Sessions({ clock: services.clock, idleMs: () => 5 * 60_000 });
  accounts.onRevoked((name, why) => sessions.revokeAll(name, why));
  const clients = new Clients(services);
  const doors = options.doors ?? (options.listen === undefined ? undefined : await fixedDoors(options.listen, options.certificates !== undefined));
  const web: WebOptions = { ...options, assets: options.assets, accounts, sessions, gate: services.gate, version: services.version, hosts: () => options.hosts?.() ?? [], report };
  const app = webApp(web);
  const listener = getRequestListener((request, env) => app.fetch(request, env), { overrideGlobalObjects: false, errorHandler: (error) => unreadable(error, report) });
  const between = (): void => services.between?.();
  const sockets = webSockets(services.clock, between);
  const handlers: HttpHandlers = {
    request: (request: IncomingMessage, response: ServerResponse) => { between(); void listener(request, response); },
    admits: (secure, socket) => doors?.admits(secure ? 'https' : 'http', socket) ?? true,
    upgrade: (request, socket, head) => {
      between();
      const known = knownFrom(request, web);
      if ('status' in known) reject(socket, known.status, known.why);
      else sockets.accept(request, socket, head, (channel) => clients.admit(channel, known.known));
    },
  };
  const http = httpDoor(handlers);
  const https = options.certificates === undefined ? undefined : httpsDoor(handlers, options.certificates, report);
  const owner: Known = { identity: { name: userInfo().username, role: 'admin', via: 'unix' } };
  const unix: UnixServer | undefined = options.directory === undefined ? undefined : await listenUnix(options.directory, LARGEST_MESSAGE, (channel) => clients.admit(channel, owner));
  try {
    await doors?.add(http).catch((error: unknown) => { if (options.mustListen !== false) throw error; });
    // Somebody who manages the router by HTTP or from the terminal can put this right; the doors tell of it.
    if (https !== undefined) await doors?.add(https).catch(() => {});
  } catch (e) {
    await unix?.close();
    await doors?.close();
    throw e;
  }
  const url = (name: 'http' | 'https'): string | undefined => {
    const at = doors?.at(name);
    return at === undefined ? undefined : urlOf(name, at);
  };
  return {
    get url() { return url('http'); },
    get secureUrl() { return url('https'); },
    socket: unix?.path,
    get clients() { return clients.count; },
    close: async () => {
      clients.farewell(closeCodes.goingAway, 'the router stops');
      if (options.sessions === undefined) sessions.close();
      await unix?.close();
      http.end();
      https?.end();
      await doors?.close();
    },
  };
}

/** Everybody at the console, bounded. */
class Clients {
  readonly #services: Services;
  readonly #connections = new Set<Connection>();

  constructor(services: Services) { this.#services = services; }

  get count(): Console['clients'] { return { all: this.#connections.size, authenticated: [...this.#connections].filter((c) => c.authenticated).length }; }

  admit(channel: Channel, known?: Known): void {
    const strangers = [...this.#connections].filter((c) => !c.authenticated);
    if (known === undefined && strangers.length >= MOST_STRANGERS) strangers[0]!.close(closeCodes.tooMuch, 'too many clients wait for authentication');
    const connection = new Connection(channel, this.#services, known, (gone) => this.#connections.delete(gone));
    this.#connections.add(connection);
    if (this.#connections.size > MOST_CLIENTS) connection.close(closeCodes.tooMuch, `${MOST_CLIENTS} clients are connected already`);
    else if (known !== undefined && this.#of(known.identity) > MOST_OF_ONE) connection.close(closeCodes.tooMuch, `${MOST_OF_ONE} clients of ${known.identity.name} are connected already`);
  }

  farewell(code: CloseCode, reason: string): void { for (const c of [...this.#connections]) c.close(code, reason); }

  #of({ name, via }: Known['identity']): number {
    let n = 0;
    for (const { identity } of this.#connections) if (identity?.name === name && identity.via === via) n++;
    return n;
  }
}

/**
 * Who asks for a WebSocket: a browser is known by its cookie, but only from our own pages; everybody else says hello with a
 * token. Or why it does not get one.
 */
function knownFrom(request: IncomingMessage, web: WebOptions): { known: Known | undefined } | { status: string; why: string } {
  const refused = refuseOrigin(request.headers.host, request.headers.origin, hostsFor(request, web.hosts()));
  if (refused !== undefined) return { status: '403 Forbidden', why: refused };
  if ((request.url ?? '/').split('?', 1)[0] !== '/ws') return { status: '404 Not Found', why: 'the console is at /ws' };
  const elsewhere = isSecure(request) ? undefined : web.redirect?.(request);
  if (elsewhere !== undefined) return { status: '403 Forbidden', why: `this router wants HTTPS: ${elsewhere}` };
  if (foreignOrigin(request) !== undefined) return { known: undefined };
  const caller = callerByCookie(request, web) ?? (request.headers.origin === undefined ? undefined : callerByCertificate(request, web.accounts));
  if (typeof caller === 'string') return { status: '401 Unauthorized', why: caller };
  return { known: caller };
}

/** What is no request before anybody could look at it: a URL with characters that none may have. */
function unreadable(error: unknown, report: (error: unknown) => void): Response {
  const theirs = error instanceof RequestError;
  if (!theirs) report(error);
  return Response.json({ error: theirs ? 'the request cannot be read' : 'the router made a mistake; its log says more' }, { status: theirs ? 400 : 500, headers: safeHeaders });
}

function reject(socket: Duplex, status: string, reason: string): void {
  // Header values of the client stand in the reason: the body is plain text, and measured.
  const body = `${reason}\n`;
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\nx-content-type-options: nosniff\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}

/** For who has no settings of remote management: everybody is let in, on this port (and any free one for HTTPS). */
async function fixedDoors(listen: { readonly host: string; readonly port: number }, secure: boolean): Promise<Doors> {
  const quiet = () => {};
  const doors = new Doors({ host: listen.host, log: { debug: quiet, info: quiet, warn: quiet, error: quiet }, side: () => undefined });
  const remote = remoteSchema({ http: listen.port, https: 0, ssh: 0, telnet: 0 }).parse({});
  await doors.apply({ ...remote, https: { ...remote.https, active: secure } });
  return doors;
}

function urlOf(scheme: 'http' | 'https', { host, port }: { readonly host: string; readonly port: number }): string {
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `${scheme}://${name}${port === (scheme === 'http' ? 80 : 443) ? '' : `:${port}`}/`;
}
