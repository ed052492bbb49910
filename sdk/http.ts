import type { Disposable } from './scope.ts';
import { token } from './token.ts';

/** A request that came to one of the router's own addresses; everything in it is a stranger's. Addresses as in FlowKey. */
export interface OwnRequest {
  readonly method: string;
  /** Path and query as sent. */
  readonly path: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly from: number;
  readonly fromPort: number;
  /** The own address it came to. */
  readonly to: number;
  /** Zone of the interface it came through: 'LAN'. */
  readonly zone: string;
}
/** A request from one of the router's own addresses to a host. Addresses as in FlowKey. */
export interface OwnMessage {
  readonly method: string;
  readonly to: number;
  readonly port: number;
  /** Path and query. */
  readonly path: string;
  /** The own address it comes from. */
  readonly from: number;
  /** Host and Content-Length come by themselves. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** An answer that comes later is none. */
  readonly withinMs: number;
}
export interface OwnReply { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }

/**
 * HTTP that a plugin serves on the router's own addresses, for machines rather than people (UPnP, a probe): small requests, no TLS, no
 * log-in. What people look at is a panel. Kernel-owned; put the Disposable into `ctx.scope`.
 */
export interface OwnHttp {
  /** Undefined: it can be had. Else why not (the memory lab has no TCP of its own), in words. */
  readonly why: string | undefined;
  /**
   * Listens on this port for connections through these zones; all others do not see it. Bodies over `maxBody` octets (default 64 KiB) are
   * answered with 413. A handler that throws is answered with 500 and logged. Throws when the port is taken or there is no stack.
   */
  serve(at: { readonly port: number; readonly zones: readonly string[]; readonly maxBody?: number }, handle: (request: OwnRequest) => OwnReply | Promise<OwnReply>): Disposable;
  /**
   * Sends a request, and says with which status it was answered; undefined: it was not. Answers are not read beyond that, redirections
   * not followed. Whoever lets a stranger say where to makes sure that it is no other's address. Never rejects.
   */
  send(message: OwnMessage): Promise<number | undefined>;
}
export const OwnHttpToken = token<OwnHttp>('kernel.own-http');
