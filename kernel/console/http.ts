import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createSecureServer, type Server as SecureServer } from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { Door, ListenAt } from './doors.ts';
import type { Remote } from './remote.ts';
import type { Certificates } from './tls.ts';

/** What the servers hand over. */
export interface HttpHandlers {
  request(request: IncomingMessage, response: ServerResponse): void;
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Whether a connection may stay: the rules of remote management. */
  admits(secure: boolean, socket: Socket): boolean;
}

/** Slow senders of headers; of a whole request, the upload of a backup included; and between requests. */
const limits = { headersTimeout: 10_000, requestTimeout: 60_000, keepAliveTimeout: 5000, connectionsCheckingInterval: 5000, maxHeaderSize: 16_384 } as const;
const MOST_SOCKETS = 4096;
const MOST_REQUESTS_PER_SOCKET = 1000;

function prepare<S extends Server | SecureServer>(server: S, handlers: HttpHandlers, secure: boolean): S {
  server.maxConnections = MOST_SOCKETS;
  server.maxRequestsPerSocket = MOST_REQUESTS_PER_SOCKET;
  server.on('connection', (socket: Socket) => { if (!handlers.admits(secure, socket)) socket.destroy(); });
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => {
    // An unhandled error of the bare socket would end the process.
    socket.on('error', () => socket.destroy());
    handlers.upgrade(request, socket, head);
  });
  server.on('clientError', (_error: Error, socket: Duplex) => {
    if (socket.writable) socket.end('HTTP/1.1 400 Bad Request\r\nconnection: close\r\ncontent-length: 0\r\n\r\n');
    else socket.destroy();
  });
  return server;
}

/** Stops listening at once; resolves when the connections are gone as well. */
const closed = (server: Server | SecureServer): Promise<void> => new Promise((done) => {
  server.close(() => done());
  server.closeIdleConnections();
});

const listening = (server: Server | SecureServer, at: ListenAt): Promise<{ readonly host: string; readonly port: number }> => new Promise((resolve, reject) => {
  server.once('error', reject);
  server.listen(at.fd === undefined ? { port: at.port, host: at.host } : { fd: at.fd() }, () => {
    server.off('error', reject);
    server.on('error', () => {});
    const found = server.address() as AddressInfo | null;
    resolve({ host: found?.address ?? at.host, port: found?.port ?? at.port });
  });
});

/** Plain HTTP. Upgraded sockets and answers under way outlive a change of port; `end` cuts them. */
export function httpDoor(handlers: HttpHandlers): Door & { end(): void } {
  const servers = new Set<Server>();
  return {
    name: 'http',
    listen: async (at) => {
      const server = prepare(createServer({ ...limits }, (request, response) => handlers.request(request, response)), handlers, false);
      servers.add(server);
      server.once('close', () => servers.delete(server));
      return { ...(await listening(server, at)), close: () => closed(server) };
    },
    end: () => { for (const server of servers) server.closeAllConnections(); },
  };
}

/** HTTPS with the certificate as it is at each handshake. */
export function httpsDoor(handlers: HttpHandlers, certificates: Certificates, report: (error: unknown) => void): Door & { end(): void } {
  const servers = new Set<SecureServer>();
  const renewals = new Set<() => Promise<void>>();
  let clients: Remote['https']['clientCertificates'] = 'off';
  // Without authorities of ours nobody's certificate could be believed: the public ones of the system do not count. Where one is
  // required, that lets nobody in.
  const asks = (): boolean => clients === 'required' || (clients === 'optional' && certificates.authorities !== undefined);
  const context = () => ({ ...certificates.current, ...(asks() ? { ca: certificates.authorities ?? [] } : {}) });
  const open = async (at: ListenAt) => {
    const server = prepare(createSecureServer({
      ...limits, ...context(), minVersion: 'TLSv1.2',
      requestCert: asks(), rejectUnauthorized: clients === 'required',
    }, (request, response) => handlers.request(request, response)), handlers, true);
    server.on('tlsClientError', (_error, socket) => socket.destroy());
    const place = await listening(server, at);
    servers.add(server);
    server.once('close', () => servers.delete(server));
    return { server, place };
  };
  /** Whether a certificate is asked for is settled when a server is made: the same port gets a new one. */
  const renew = (): void => { for (const each of renewals) each().catch(report); };
  certificates.onChange(() => {
    if (clients !== 'off') renew();
    else for (const server of servers) server.setSecureContext(context());
  });
  return {
    name: 'https',
    settings: (remote) => {
      if (remote.https.clientCertificates === clients) return;
      clients = remote.https.clientCertificates;
      renew();
    },
    listen: async (at) => {
      let { server, place } = await open(at);
      let tail: Promise<unknown> = Promise.resolve();
      // One after the other: two at once would both want the port.
      const again = (): Promise<void> => {
        const done = tail.then(async () => {
          void closed(server);
          ({ server } = await open({ ...at, port: place.port }));
        });
        tail = done.catch(() => {});
        return done;
      };
      renewals.add(again);
      return { ...place, close: async () => { renewals.delete(again); await tail; await closed(server); } };
    },
    end: () => { for (const server of servers) server.closeAllConnections(); },
  };
}
