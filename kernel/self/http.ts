import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { OwnHttp, OwnMessage, OwnReply, OwnRequest } from '../../sdk/http.ts';
import type { Logger } from '../../sdk/log.ts';
import type { Disposable } from '../../sdk/scope.ts';
import { addressOf, type SelfNamespace } from './stack.ts';

const MAX_BODY = 65_536;
/** Slow and many senders: these services are for a few machines nearby. */
const limits = { headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 2000, connectionsCheckingInterval: 2000, maxHeaderSize: 8192 } as const;
const MOST_SOCKETS = 64;
/**
 * So much of a body that is too long is read and thrown away (octets): who is still sending when the connection ends gets a reset, and not the
 * answer that tells him why.
 */
const DISCARDED = 4 << 20;

export const noOwnHttp = (why: string): OwnHttp => ({ why, serve: () => { throw new Error(why); }, send: () => Promise.resolve(undefined) });

/** The plugins' HTTP on the router's own addresses. */
export class SelfHttp implements OwnHttp {
  readonly why: undefined;
  readonly #stack: SelfNamespace;
  readonly #log: Logger;

  constructor(stack: SelfNamespace, log: Logger) {
    this.#stack = stack;
    this.#log = log;
  }

  serve(at: { readonly port: number; readonly zones: readonly string[]; readonly maxBody?: number }, handle: (request: OwnRequest) => OwnReply | Promise<OwnReply>): Disposable {
    const open = this.#stack.openPort(at.port, at.zones);
    const zones = new WeakMap<Socket, string>();
    const server = createServer({ ...limits }, (request, response) => {
      void this.#answer(request, response, zones.get(request.socket) ?? '', at.maxBody ?? MAX_BODY, handle);
    });
    server.maxConnections = MOST_SOCKETS;
    server.on('connection', (socket: Socket) => {
      const zone = this.#stack.zoneOf(socket);
      if (zone === undefined || !at.zones.includes(zone)) socket.destroy();
      else zones.set(socket, zone);
    });
    server.on('clientError', (_error, socket) => void socket.destroy());
    server.on('error', error => this.#log.warn({ port: at.port, error: error.message }, 'a service of a plugin cannot listen'));
    server.listen({ fd: open.fd });
    return { dispose: () => { open.dispose(); end(server); } };
  }

  send(message: OwnMessage): Promise<number | undefined> { return this.#stack.outgoing.send(message); }

  async #answer(request: IncomingMessage, response: ServerResponse, zone: string, most: number, handle: (request: OwnRequest) => OwnReply | Promise<OwnReply>): Promise<void> {
    let reply: OwnReply;
    try {
      const body = await bodyOf(request, most);
      reply = body === undefined ? { status: 413 } : await handle({
        method: request.method ?? '', path: request.url ?? '/', headers: headersOf(request), body, zone,
        from: addressOf(request.socket.remoteAddress), fromPort: request.socket.remotePort ?? 0, to: addressOf(request.socket.localAddress),
      });
    } catch (error) {
      this.#log.warn({ error: error instanceof Error ? error.message : String(error) }, 'a request to a service of a plugin failed');
      reply = { status: 500 };
    }
    if (response.destroyed) return;
    const body = Buffer.from(reply.body ?? '');
    response.writeHead(reply.status, { ...reply.headers, 'content-length': body.length, ...(reply.status === 413 ? { connection: 'close' } : {}) });
    response.end(body);
  }
}

function end(server: Server): void {
  server.close();
  server.closeAllConnections();
}

const headersOf = (request: IncomingMessage): Record<string, string> =>
  Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : value ?? '']));

/** Undefined: it is longer than `most` octets. Rejects when the sender goes away. */
async function bodyOf(request: IncomingMessage, most: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    length += part.length;
    if (length > most + DISCARDED) return undefined;
    if (length <= most) parts.push(part);
  }
  if (length > most) return undefined;
  return Buffer.concat(parts).toString('utf8');
}
