import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { Accounts } from './accounts.ts';
import type { Gate } from './auth.ts';
import { sessionIdIn } from './cookie.ts';
import type { Identity } from './roles.ts';
import type { Sessions, WebSession } from './sessions.ts';

/** Who sent a request. */
export interface Caller {
  readonly identity: Identity;
  /** For tokens and client certificates something that only ends; undefined for the tokens that the router prints. */
  readonly session: WebSession | undefined;
}

/** Where callers are known from. */
export interface Registers {
  readonly accounts: Accounts;
  readonly sessions: Sessions;
  readonly gate: Gate;
}

export const isSecure = (request: IncomingMessage): boolean => (request.socket as Partial<TLSSocket>).encrypted === true;
export const addressOf = (request: IncomingMessage): string => (request.socket.remoteAddress ?? 'unknown').replace(/^::ffff:/, '');

/**
 * Whether a browser sent this for one of our own pages. Browsers tell in Sec-Fetch-Site and Origin where a request comes from;
 * programs send neither. Other ports of the same host count as strangers: a cookie does not know ports.
 */
export function foreignOrigin(request: IncomingMessage): string | undefined {
  const site = request.headers['sec-fetch-site'];
  // 'none': typed by the person.
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return `a ${String(site)} page may not do this`;
  const { origin, host } = request.headers;
  if (origin === undefined) return undefined;
  try {
    const page = new URL(origin);
    const own = new URL(`${isSecure(request) ? 'https' : 'http'}://${host ?? ''}`);
    if (page.protocol === own.protocol && page.host === own.host) return undefined;
  } catch { /* 'null' is no URL, and foreign */ }
  return `pages of '${origin}' may not do this`;
}

/**
 * Finds out who asks: by token, by session cookie, or by client certificate. Undefined: nobody known; text: credentials came along that
 * are not good (any more).
 */
export async function callerOf(request: IncomingMessage, known: Registers): Promise<Caller | string | undefined> {
  const authorization = request.headers.authorization;
  if (authorization !== undefined) {
    const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
    if (token === undefined) return 'only Bearer tokens are taken in Authorization';
    const found = await known.gate.identify(token, addressOf(request));
    return typeof found === 'string' ? found : { identity: found.identity, session: found.tenure };
  }
  return callerByCookie(request, known) ?? callerByCertificate(request, known.accounts);
}

/** By session cookie only; for WebSockets, whose other clients say hello with a token. */
export function callerByCookie(request: IncomingMessage, known: Pick<Registers, 'sessions'>): Caller | string | undefined {
  const id = sessionIdIn(request.headers.cookie, isSecure(request));
  if (id === undefined) return undefined;
  const session = known.sessions.find(id);
  return session === undefined ? 'the session is over; log in again' : { identity: session.identity, session };
}

/** The common name of a certificate that a CA of ours signed is the name of an account. */
export function callerByCertificate(request: IncomingMessage, accounts: Accounts): Caller | undefined {
  const socket = request.socket as Partial<TLSSocket>;
  if (socket.authorized !== true || socket.getPeerCertificate === undefined) return undefined;
  const name: unknown = socket.getPeerCertificate().subject?.CN;
  const tenure = typeof name === 'string' ? accounts.tenure(name) : undefined;
  return tenure === undefined ? undefined : { identity: tenure.identity, session: tenure };
}
