import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';
import { refuseOrigin } from './auth.ts';
import { statusPage } from './status-page.ts';

export interface HttpOptions {
  readonly version: string;
  /** Names and addresses, besides loopback, under which this router may be asked. */
  hosts(): readonly string[];
  /** An upgrade to a WebSocket at /ws, already checked. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** Sockets that do not finish their request by then are closed. */
const REQUEST_MS = 10_000;
const MOST_SOCKETS = 4096;

const headers = {
  'content-security-policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
};

/** The HTTP side: one page that says what this is, and the door for WebSockets. */
export function createHttp(options: HttpOptions): Server {
  const server = createServer({ requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS, connectionsCheckingInterval: 5000, maxHeaderSize: 8192 }, (request, response) => {
    const refused = refuseOrigin(request.headers.host, undefined, options.hosts());
    if (refused !== undefined) answer(response, 403, `${refused}\n`);
    else page(request, response, options.version);
  });
  server.maxConnections = MOST_SOCKETS;
  server.on('upgrade', (request, socket, head) => {
    // An unhandled error of the bare socket would end the process.
    socket.on('error', () => socket.destroy());
    const refused = refuseOrigin(request.headers.host, request.headers.origin, options.hosts());
    if (refused !== undefined) reject(socket, '403 Forbidden', refused);
    else if (pathOf(request) !== '/ws') reject(socket, '404 Not Found', 'the console is at /ws');
    else options.upgrade(request, socket, head);
  });
  return server;
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').split('?', 1)[0]!;

function page(request: IncomingMessage, response: ServerResponse, version: string): void {
  if (request.method !== 'GET' && request.method !== 'HEAD') answer(response, 405, 'only GET\n', { allow: 'GET, HEAD' });
  else if (pathOf(request) === '/') answer(response, 200, statusPage(version), { 'content-type': 'text/html; charset=utf-8' });
  else answer(response, 404, 'there is nothing here\n');
}

function answer(response: ServerResponse, status: number, body: string, more: Record<string, string> = {}): void {
  response.writeHead(status, { 'content-type': 'text/plain; charset=utf-8', ...headers, ...more, 'content-length': String(Buffer.byteLength(body)) });
  response.end(response.req.method === 'HEAD' ? undefined : body);
}

function reject(socket: Duplex, status: string, reason: string): void {
  // Header values of the client stand in the reason: the body is plain text, and measured.
  const body = `${reason}\n`;
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-type: text/plain; charset=utf-8\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`, () => socket.destroy());
}
