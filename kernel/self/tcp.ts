import { createServer, Socket } from 'node:net';
import type { Logger } from '../../sdk/log.ts';
import type { Disposable } from '../../sdk/scope.ts';
import type { OwnConnection, OwnTcp } from '../../sdk/tcp.ts';
import { format4 } from '../../sdk/wire/address.ts';
import { addressOf, type SelfNamespace } from './stack.ts';

/** Octets that may wait for a far end that does not read. */
const WAITING_MOST = 1 << 20;
/** Connections to elsewhere at once. */
const OUTGOING_MOST = 64;

export const noOwnTcp = (why: string): OwnTcp => ({ why, listen: () => { throw new Error(why); }, connect: () => Promise.reject(new Error(why)) });

type Stack = Pick<SelfNamespace, 'openPort' | 'zoneOf' | 'socket'>;

/** The plugins' TCP on the router's own addresses. */
export class SelfTcp implements OwnTcp {
  readonly why: undefined;
  readonly #stack: Stack;
  readonly #log: Logger;
  #outgoing = 0;

  constructor(stack: Stack, log: Logger) {
    this.#stack = stack;
    this.#log = log;
  }

  listen(at: Parameters<OwnTcp['listen']>[0], accept: (c: OwnConnection) => void): Disposable {
    const open = this.#stack.openPort(at.port, at.zones);
    const sockets = new Set<Socket>();
    const server = createServer(socket => {
      const zone = this.#stack.zoneOf(socket);
      if (zone === undefined || !at.zones.includes(zone)) {
        socket.destroy();
        return;
      }
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
      socket.setTimeout(at.idleMs, () => socket.destroy());
      this.#guard(socket, () => accept(this.#connection(socket, zone)));
    });
    server.maxConnections = at.most;
    server.on('error', error => this.#log.warn({ port: at.port, error: error.message }, 'a service of a plugin cannot listen'));
    server.listen({ fd: open.fd });
    return { dispose: () => {
      open.dispose();
      server.close();
      for (const socket of sockets) socket.destroy();
    } };
  }

  async connect(to: Parameters<OwnTcp['connect']>[0]): Promise<OwnConnection> {
    if (this.#outgoing >= OUTGOING_MOST) throw new Error(`${OUTGOING_MOST} connections are open already`);
    this.#outgoing++;
    let socket: Socket;
    try {
      socket = new Socket({ fd: await this.#stack.socket(), readable: true, writable: true, manualStart: true } as ConstructorParameters<typeof Socket>[0]);
    } catch (error) {
      this.#outgoing--;
      throw error;
    }
    const limit = setTimeout(() => socket.destroy(), to.limitMs);
    limit.unref();
    socket.once('close', () => {
      this.#outgoing--;
      clearTimeout(limit);
    });
    return await new Promise<OwnConnection>((resolve, reject) => {
      let why = 'no answer';
      const failed = (): void => reject(new Error(`${format4(to.ip)} port ${to.port}: ${why}`));
      socket.once('error', error => { why = error.message; });
      socket.once('close', failed);
      socket.connect({ host: format4(to.ip), port: to.port, ...(to.from === undefined || to.from === 0 ? {} : { localAddress: format4(to.from) }) }, () => {
        socket.off('close', failed);
        resolve(this.#connection(socket, ''));
      });
    });
  }

  #connection(socket: Socket, zone: string): OwnConnection {
    const incoming = zone !== '';
    const connection: OwnConnection = {
      from: addressOf(incoming ? socket.remoteAddress : socket.localAddress), fromPort: (incoming ? socket.remotePort : socket.localPort) ?? 0,
      to: addressOf(incoming ? socket.localAddress : socket.remoteAddress), zone, onData: () => {}, onClose: () => {},
      write: (data) => {
        if (socket.destroyed || socket.writableLength + data.length > WAITING_MOST) {
          socket.destroy();
          return false;
        }
        socket.write(data);
        return true;
      },
      end: () => { socket.end(); },
      destroy: () => { socket.destroy(); },
    };
    socket.setNoDelay(true);
    // What goes wrong with a connection is no fault of the router's.
    socket.on('error', () => {});
    // Not as a Buffer, whose slices are no copies.
    socket.on('data', (data: Buffer) => this.#guard(socket, () => connection.onData(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))));
    socket.on('close', () => this.#guard(socket, () => connection.onClose()));
    return connection;
  }

  #guard(socket: Socket, act: () => void): void {
    try {
      act();
    } catch (error) {
      this.#log.warn({ error: error instanceof Error ? error.message : String(error) }, 'a connection to a service of a plugin failed');
      socket.destroy();
    }
  }
}
